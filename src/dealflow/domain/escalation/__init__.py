"""What a stall leads to: the ladder, its recipients, and their notices."""
