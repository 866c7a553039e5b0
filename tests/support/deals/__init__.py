"""Deals told in order, their facts, and the processes that they follow."""
