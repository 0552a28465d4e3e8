"""A training step against the gradient that it should follow."""
