"""Our tables beside the events."""
