"""Tables read into plans."""
