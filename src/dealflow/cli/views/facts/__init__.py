"""Answers to recorded facts."""
