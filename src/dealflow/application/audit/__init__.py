"""Whether the store holds what it must."""
