"""The house: the people and calendars of a store, each version on record, and which deals a change of them concerns."""
