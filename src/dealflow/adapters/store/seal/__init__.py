"""The seal: a keyed chain over everything that is appended, and a keyed mark on each row that changes."""
