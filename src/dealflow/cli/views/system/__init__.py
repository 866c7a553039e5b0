"""The state of the system as tables."""
