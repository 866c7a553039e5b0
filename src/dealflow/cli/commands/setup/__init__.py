"""Commands for processes, people, calendars and channels."""
