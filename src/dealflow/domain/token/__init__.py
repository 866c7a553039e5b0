"""Tokens: what a person is known by where the operating system's user does not say who acts."""
