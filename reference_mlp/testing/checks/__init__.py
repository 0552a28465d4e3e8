"""The checks, one idea a file; importing this package registers them all."""

# In the order of tables, from the gradient itself to what it is for.
from reference_mlp.testing.checks import (  # noqa: I001
    differences,
    certified,
    batches,
    extremes,
    ulps,
    purity,
    repetition,
    shapes,
    learning,
)

__all__ = [
    "batches",
    "certified",
    "differences",
    "extremes",
    "learning",
    "purity",
    "repetition",
    "shapes",
    "ulps",
]
