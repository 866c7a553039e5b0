"""Imports: mappings and files read into dated acts, deal by deal."""
