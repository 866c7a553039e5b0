"""`dealflow demo`: the main job for real, in a folder of its own, with every claim checked against the real state."""
