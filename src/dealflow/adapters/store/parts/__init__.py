"""Rows of the parts that run: leases, signs of life, the server that is known."""
