"""Use cases and the ports they need: load, fold, decide, append."""
