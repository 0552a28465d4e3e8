"""The checks, one idea a file; importing this package registers them all."""

from reference_mlp.testing.checks import (
    batches,
    differences,
    extremes,
    learning,
    purity,
    repetition,
    shapes,
)

__all__ = ["batches", "differences", "extremes", "learning", "purity", "repetition", "shapes"]
