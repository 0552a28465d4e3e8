"""Losses by name, for code that has none: their value, of logits and of any form of targets."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from reference_mlp._arrays import Array
from reference_mlp.batches import one_hot
from reference_mlp.losses import LOSSES

MEAN_SQUARED_ERROR = "mean_squared_error"


def value_by_name(name: str) -> Callable[[Array, Array], Any]:
    """Return the loss of that name, a function of logits (N, K) and targets.

    Those of `LOSSES` are means over the batch of sums over the outputs; mean_squared_error is the
    mean of all squares, without a half. Raises ValueError for an unknown name.
    """
    if name not in {*LOSSES, MEAN_SQUARED_ERROR}:
        msg = f"the loss is {name!r}, expected one of {[*LOSSES, MEAN_SQUARED_ERROR]}"
        raise ValueError(msg)
    return partial(_value, name)


def _value(name: str, z: Array, y: Array) -> Any:
    k = z.shape[1]
    if y.dtype.kind in "iu" and y.ndim == 1 and name != "softmax_cross_entropy" and k > 1:
        y = one_hot(y, k, dtype=z.dtype)
    if name == MEAN_SQUARED_ERROR:
        return 2 / k * LOSSES["squared_error"].value(z, y)
    return LOSSES[name].value(z, y)
