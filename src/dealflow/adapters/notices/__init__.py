"""Notices as texts, and the channels that carry them."""
