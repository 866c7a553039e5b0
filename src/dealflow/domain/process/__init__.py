"""The process that a deal is pinned to, and what it asks of fields, rules and calendars."""
