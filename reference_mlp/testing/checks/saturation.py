"""Gradients where the softmax or sigmoid has saturated."""
