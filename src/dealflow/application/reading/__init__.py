"""What every edge shows of deals: models, no rendering."""
