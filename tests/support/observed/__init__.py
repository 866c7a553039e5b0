"""What can be seen of a run from outside: logs, spans, metrics, messages, and whether everything holds."""
