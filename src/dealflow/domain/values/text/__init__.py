"""What of a text people can see, and the one form in which ids and names are kept."""
