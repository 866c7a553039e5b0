"""What a deal is and how it moves: pure rules, no clock, no I/O."""
