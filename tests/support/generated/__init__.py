"""Inputs that nobody would think of, drawn with a seed: command lines, files and settings."""
