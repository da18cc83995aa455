"""Signing in: with a password, a passkey, or at the provider of a company; and what may end it."""
