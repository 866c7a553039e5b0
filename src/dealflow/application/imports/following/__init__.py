"""How a newer export of a source is followed: what is new, corrected, taken back or gone."""
