"""What is done about customers themselves, whatever their deals, and which deals are theirs."""
