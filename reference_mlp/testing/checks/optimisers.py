"""Optimisers against their rules, step by step."""
