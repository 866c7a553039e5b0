"""A mapping that has changed: what of the deals on record it would read otherwise."""
