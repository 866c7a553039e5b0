"""Who acts, and who stands above whom."""
