"""The stored events: bytes, keys, chain."""
