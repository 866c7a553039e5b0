"""The customer's track and the seller's: nodes judged, gates, positions, transitions."""
