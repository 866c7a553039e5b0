"""Business calendars and the file that declares them."""
