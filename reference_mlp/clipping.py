"""Gradients cut to a norm, so that one steep batch can't throw the parameters away."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from reference_mlp._arrays import Array, Params, require_positive


def clip_norm(grads: Mapping[str, Array], max_norm: float) -> Params:
    """Return `grads` scaled by max_norm / norm where their norm exceeds `max_norm`.

    The norm is the Euclidean norm of all entries of all arrays together, so that the direction
    of the step stays what it was: Pascanu et al. 2013, algorithm 1. Where it doesn't exceed
    `max_norm` the arrays are those that came in; none is ever written to.

    Raises ValueError unless 0 < max_norm < infinity, and FloatingPointError, naming the
    parameter, for a gradient that is NaN or infinite: it has no norm to be scaled by.

    >>> grads = {"0.W": np.array([[3.0]]), "0.b": np.array([4.0])}
    >>> clip_norm(grads, 1.0)
    {'0.W': array([[0.6]]), '0.b': array([0.8])}
    >>> clip_norm(grads, 5.0) == grads
    True
    """
    max_norm = float(require_positive("max_norm", max_norm))
    largest = max((_largest(name, g) for name, g in grads.items()), default=0.0)
    if largest == 0:
        return dict(grads)
    # Scaled by the largest entry: the square of 1e300 is infinite, that of 1e-300 is 0.
    scaled = {name: g / largest for name, g in grads.items()}
    norm = math.hypot(*(np.linalg.norm(s.astype(np.float64)) for s in scaled.values()))
    if norm <= max_norm / largest:
        return dict(grads)
    factor = max_norm / norm
    return {name: s * factor for name, s in scaled.items()}


def _largest(name: str, g: Array) -> float:
    """Return the largest absolute entry of a gradient; name it where one isn't finite."""
    largest = float(np.max(np.abs(g), initial=0.0))
    if not math.isfinite(largest):
        msg = f"grads[{name!r}] of shape {g.shape} holds {largest}, expected finite numbers"
        raise FloatingPointError(msg)
    return largest
