"""Amounts, numbers, days and instants as people write them, read into values that are exact."""
