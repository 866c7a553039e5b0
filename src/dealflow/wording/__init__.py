"""Every sentence that people read, one catalogue per language."""
