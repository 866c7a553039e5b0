"""How the parts of an installation are, and what to do about it."""
