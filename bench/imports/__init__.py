"""What an import takes: time and memory."""
