"""The path of a command: load, decide, append, answer, hint."""
