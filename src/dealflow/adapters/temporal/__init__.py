"""Temporal's side: the client, the activities that the workflows call, and whoever wakes the workflows."""
