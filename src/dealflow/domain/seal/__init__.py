"""What is done about the seal of the store itself."""
