"""Named doubles, builders and servers that tests share."""
