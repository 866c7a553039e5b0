"""Published processes, found by name and version."""
