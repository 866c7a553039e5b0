"""What really runs: servers, parts, whole systems, and the command line."""
