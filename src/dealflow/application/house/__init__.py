"""The people and calendars that count in a store: the versions on record, who loads them, and which file is followed."""
