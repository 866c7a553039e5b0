"""Commands that read and move deals."""
