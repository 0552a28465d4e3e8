"""The random numbers that old code shares, the same at each call."""

from reference_mlp.testing.global_generators import seeded

__all__ = ["seeded"]
