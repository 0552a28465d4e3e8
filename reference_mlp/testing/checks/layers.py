"""Each layer by itself: its backward pass against differences of its forward pass."""
