"""Clocks: what starts them, when they are due."""
