"""An import taken back: what it would come to, and doing it."""
