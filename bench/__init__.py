"""Measurements, run by `make bench`: one run each, as ratios, since absolutes depend on the machine."""
