"""Event logs read into plans."""
