"""How the records of another system become dated acts."""
