"""A loss as a stranger may write it."""

from __future__ import annotations

import numpy as np


def cross_entropy(z, y):
    """Return the mean of -log softmax(z)[y], and the gradient of the sum by z, (N, K)."""
    z = z - z.max(axis=1, keepdims=True)
    e = np.exp(z)
    total = e.sum(axis=1, keepdims=True)
    losses = np.log(total[:, 0]) - z[np.arange(len(y)), y]
    return losses.mean(), e / total - np.eye(z.shape[1])[y]
