"""Deals, lists and histories as tables."""
