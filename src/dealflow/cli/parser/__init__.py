"""Typer as the house uses it: groups that load late, help and faults of a command line in the reader's language."""
