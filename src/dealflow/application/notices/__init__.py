"""Notices delivered to people."""
