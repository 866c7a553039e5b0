"""Models of the parts of a deal that several readings show."""
