"""Stores in memory, held, contested or damaged, and what stands in their rows."""
