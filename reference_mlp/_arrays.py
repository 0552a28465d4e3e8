"""Types of arrays, and the error messages for those that don't fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[Any]
Params = dict[str, Array]

FLOAT_DTYPES = (np.dtype(np.float32), np.dtype(np.float64))


def float_dtype(dtype: DTypeLike) -> np.dtype[Any]:
    """Return `dtype` as a NumPy dtype; refuse all but float32 and float64."""
    dtype = np.dtype(dtype)
    if dtype not in FLOAT_DTYPES:
        msg = f"dtype is {dtype}, expected float32 or float64"
        raise TypeError(msg)
    return dtype


def require_array(name: str, value: object) -> Array:
    """Return `value` if it is an array that has rows; name it if not."""
    if not isinstance(value, np.ndarray):
        msg = f"{name} is a {type(value).__name__}, expected a NumPy array"
        raise TypeError(msg)
    if value.ndim == 0 or value.shape[0] == 0:
        msg = f"{name} has shape {value.shape}, expected at least one row (the batch is empty)"
        raise ValueError(msg)
    return value


def require_finite(name: str, value: Array) -> None:
    """Refuse NaN and infinities, naming the first of them."""
    if np.isfinite(value).all():
        return
    bad = np.argwhere(~np.isfinite(value))
    first = tuple(int(i) for i in bad[0])
    msg = (
        f"{name} of shape {value.shape} holds {len(bad)} NaN or infinite values, "
        f"the first at {first}; expected finite numbers"
    )
    raise ValueError(msg)


def require_pairs(X: object, y: object) -> None:
    """Refuse inputs and targets that are not as many."""
    X, y = require_array("X", X), require_array("y", y)
    if len(X) != len(y):
        msg = f"X has shape {X.shape} and y {y.shape}, expected as many rows in both"
        raise ValueError(msg)


def require_rows(name: str, value: object, *, width: int | None, dtype: np.dtype[Any]) -> Array:
    """Return `value` if it is a finite (N, width) array of `dtype`.

    Complex arrays are let through, so that a derivative can be taken by the complex step.
    """
    value = require_array(name, value)
    expected = f"(N, {'D' if width is None else width})"
    if value.dtype.kind not in "fc":
        msg = (
            f"{name} has dtype {value.dtype} and shape {value.shape}, expected {expected} "
            f"of {dtype}; convert it first, {name}.astype(np.{dtype})"
        )
        raise TypeError(msg)
    if value.dtype != dtype and "c" not in (value.dtype.kind, dtype.kind):
        msg = f"{name} has dtype {value.dtype}, expected {dtype} as the network's parameters have"
        raise TypeError(msg)
    if value.ndim != 2 or value.shape[1] == 0 or (width is not None and value.shape[1] != width):
        msg = f"{name} has shape {value.shape}, expected {expected}"
        raise ValueError(msg)
    require_finite(name, value)
    return value


def require_labels(name: str, y: object, *, n_rows: int, n_classes: int) -> Array:
    """Return labels as integers (N,), from integers (N,) or one-hot rows (N, n_classes)."""
    y = require_array(name, y)
    if y.shape not in {(n_rows,), (n_rows, n_classes)}:
        msg = (
            f"{name} has shape {y.shape}, expected ({n_rows},) integer labels "
            f"or ({n_rows}, {n_classes}) one-hot rows"
        )
        raise ValueError(msg)
    if y.ndim == 2:
        return _labels_of_one_hot(name, y)
    if y.dtype.kind not in "iu":
        msg = f"{name} has dtype {y.dtype} and shape {y.shape}, expected integer labels"
        raise TypeError(msg)
    low, high = y.min(), y.max()
    if low < 0 or high >= n_classes:
        msg = f"{name} has labels from {low} to {high}, expected 0 to {n_classes - 1}"
        raise ValueError(msg)
    return y


def _labels_of_one_hot(name: str, y: Array) -> Array:
    is_one_hot = ((y == 0) | (y == 1)).all(axis=1) & (y.sum(axis=1) == 1)
    if not is_one_hot.all():
        row = int(np.argmin(is_one_hot))
        msg = f"{name} of shape {y.shape} is not one-hot: row {row} is {y[row]}"
        raise ValueError(msg)
    labels: Array = y.argmax(axis=1)
    return labels


def require_targets(name: str, y: object, *, shape: tuple[int, int]) -> Array:
    """Return finite targets (N, K); (N,) is read as (N, 1) where K is 1."""
    y = require_array(name, y)
    if y.shape != shape and not (shape[1] == 1 and y.shape == shape[:1]):
        msg = f"{name} has shape {y.shape}, expected {shape}"
        raise ValueError(msg)
    if y.dtype.kind not in "fiub":
        msg = f"{name} has dtype {y.dtype} and shape {y.shape}, expected real numbers"
        raise TypeError(msg)
    require_finite(name, y)
    return y.reshape(shape)


def require_same_shapes(params: Mapping[str, Array], grads: Mapping[str, Array]) -> None:
    """Refuse gradients that are not of a known parameter and of its shape."""
    for name, g in grads.items():
        if name not in params:
            msg = f"grads has {name!r}, expected only names of parameters: {sorted(params)}"
            raise KeyError(msg)
        if not isinstance(g, np.ndarray | np.generic):
            msg = f"grads[{name!r}] is a {type(g).__name__}, expected a NumPy array"
            raise TypeError(msg)
        if g.shape != params[name].shape:
            msg = f"grads[{name!r}] has shape {g.shape}, expected {params[name].shape}"
            raise ValueError(msg)


def require_positive(name: str, value: float) -> float:
    """Return `value` if it is finite and above zero."""
    if not (np.isfinite(value) and value > 0):
        msg = f"{name} is {value}, expected a finite number above 0"
        raise ValueError(msg)
    return value


def require_fraction(name: str, value: float) -> float:
    """Return `value` if 0 <= value < 1."""
    if not 0 <= value < 1:
        msg = f"{name} is {value}, expected 0 <= {name} < 1"
        raise ValueError(msg)
    return value


def require_count(name: str, value: object, *, least: int = 1) -> int:
    """Return `value` if it is a whole number of at least `least`."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        msg = f"{name} is {value!r}, expected a whole number of at least {least}"
        raise ValueError(msg)
    return int(value)
