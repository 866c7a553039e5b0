"""What the seal says of an open store: of all of it for the check, of one event for a decision, and of its erasures."""
