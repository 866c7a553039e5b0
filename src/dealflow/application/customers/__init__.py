"""What is done about customers themselves, whatever their deals."""
