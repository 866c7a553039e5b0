"""The embedded system: the server, the worker, the relay and the views in one terminal, kept running."""
