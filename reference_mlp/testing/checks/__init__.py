"""The checks, one idea a file; importing this package registers them all."""

from reference_mlp.testing.checks import differences

__all__ = ["differences"]
