"""Gradient checkers: what they must pass, and what they must not."""
