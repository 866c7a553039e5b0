"""The file `people.yaml`."""
