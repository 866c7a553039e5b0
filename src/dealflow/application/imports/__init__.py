"""Deals of another system replayed through the same rules."""
