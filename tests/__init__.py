"""The tests of dealflow."""
