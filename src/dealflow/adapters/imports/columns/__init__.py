"""The columns of a source that hold more than text: looked at as a whole, then read by what was found."""
