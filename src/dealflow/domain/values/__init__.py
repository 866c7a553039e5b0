"""Values that the whole domain is written in: money, durations, refusals."""
