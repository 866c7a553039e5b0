"""Commands that run or examine the system."""
