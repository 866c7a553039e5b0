"""Template files read, checked, and their rules compiled."""
