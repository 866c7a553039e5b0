"""Logs, metrics and traces: one catalogue each."""
