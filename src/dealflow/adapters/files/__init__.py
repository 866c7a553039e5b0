"""Files that people write: YAML with places, locks."""
