"""Tokens: made, recognised, listed and revoked."""
