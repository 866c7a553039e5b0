"""What somebody who checks reads."""
