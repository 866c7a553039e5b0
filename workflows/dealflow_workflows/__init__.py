"""The workflows that move deals and empty the outbox."""
