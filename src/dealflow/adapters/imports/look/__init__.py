"""Files that nobody has mapped yet: what their columns hold, what they may be for, and a mapping to begin with."""
