"""Where the ports meet the world: store, files, calendars, Temporal, people."""
