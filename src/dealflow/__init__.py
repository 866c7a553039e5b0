"""dealflow: an event-sourced workflow engine for deal progression."""

__version__ = "0.1.0"
