"""What a person gives on the command line, checked."""
