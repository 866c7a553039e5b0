"""What a stall leads to: who is told of it, and the notice."""
