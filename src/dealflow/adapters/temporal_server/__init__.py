"""Where a Temporal server comes from, and where it is."""
