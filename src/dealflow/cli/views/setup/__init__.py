"""Processes, people, calendars and channels as tables."""
