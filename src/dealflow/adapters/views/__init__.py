"""Read models: tables that follow the log, each rebuilt from it at any time."""
