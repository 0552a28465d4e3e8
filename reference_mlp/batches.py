"""Arrays of samples: encoded, split, standardised, and cut into minibatches."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import DTypeLike

from reference_mlp._arrays import (
    Array,
    float_dtype,
    require_array,
    require_count,
    require_finite,
    require_labels,
    require_pairs,
)


def one_hot(y: Array, n_classes: int, *, dtype: DTypeLike = np.float64) -> Array:
    """Return rows (N, n_classes) with a 1 in the column of each label of `y` (N,).

    The number of classes is given, never guessed: a batch may lack a class. Raises ValueError
    for zero classes or a label out of range, TypeError for labels that are not integers.

    >>> one_hot(np.array([2, 0]), 3)
    array([[0., 0., 1.],
           [1., 0., 0.]])
    """
    n_classes = require_count("n_classes", n_classes)
    y = require_array("y", y)
    labels = require_labels("y", y, n_rows=len(y), n_classes=n_classes)
    rows: Array = np.zeros((len(labels), n_classes), float_dtype(dtype))
    rows[np.arange(len(labels)), labels] = 1
    return rows


def minibatches(
    X: Array, y: Array, batch_size: int | None, *, rng: np.random.Generator
) -> Iterator[tuple[Array, Array]]:
    """Yield the rows of `X` and `y` in shuffled pairs of `batch_size`; the last may be smaller.

    `batch_size` None yields all rows at once, in their order. Each row comes exactly once.
    Raises ValueError for an empty `X`, another number of rows in `y`, or a batch size below 1.

    >>> X, y = np.arange(5.0)[:, None], np.arange(5)
    >>> [len(rows) for rows, labels in minibatches(X, y, 2, rng=np.random.default_rng(0))]
    [2, 2, 1]
    """
    require_pairs(X, y)
    if batch_size is None:
        return iter([(X, y)])
    batch_size = require_count("batch_size", batch_size)
    order = rng.permutation(len(X))
    cuts = (order[start : start + batch_size] for start in range(0, len(X), batch_size))
    return ((X[rows], y[rows]) for rows in cuts)


def split(
    X: Array, y: Array, fraction: float, *, rng: np.random.Generator
) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """Return two shuffled parts of the pairs, the second of round(fraction * N) rows.

    Raises ValueError unless both parts have at least one row.

    >>> X, y = np.arange(10.0)[:, None], np.arange(10)
    >>> train, valid = split(X, y, 0.2, rng=np.random.default_rng(0))
    >>> len(train[0]), len(valid[0])
    (8, 2)
    """
    require_pairs(X, y)
    n_second = round(fraction * len(X)) if np.isfinite(fraction) else 0
    if not 0 < n_second < len(X):
        msg = f"fraction is {fraction}, expected one that leaves rows in both parts of {len(X)}"
        raise ValueError(msg)
    order = rng.permutation(len(X))
    first, second = order[:-n_second], order[-n_second:]
    return (X[first], y[first]), (X[second], y[second])


def scale_pixels(images: Array, dtype: DTypeLike = np.float32) -> Array:
    """Return bytes (N, rows, columns) or (N, D) as rows (N, D) of `dtype` from 0 to 1.

    Divided by 255 after the conversion: arithmetic on unsigned bytes wraps around at 256. Raises
    TypeError for other numbers than unsigned bytes, which may be scaled already, and ValueError
    for another shape.

    >>> scale_pixels(np.array([[[0, 51], [102, 255]]], np.uint8))
    array([[0. , 0.2, 0.4, 1. ]], dtype=float32)
    """
    dtype = float_dtype(dtype)
    images = require_array("images", images)
    if images.dtype != np.uint8:
        msg = f"images has dtype {images.dtype} and shape {images.shape}, expected uint8"
        raise TypeError(msg)
    if images.ndim not in {2, 3} or images.size == 0:
        msg = f"images has shape {images.shape}, expected (N, rows, columns) or (N, D)"
        raise ValueError(msg)
    X: Array = images.reshape(len(images), -1).astype(dtype)
    X /= 255
    return X


def standardise(X: Array, *others: Array) -> tuple[Array, ...]:
    """Return `X` (N, D) with mean 0 and variance 1 in each column, and `others` in the same terms.

    Mean and variance are those of `X` alone, so that nothing leaks from a test set into
    training. A column that doesn't vary is only centred. Raises ValueError for an array that
    isn't finite or has other columns, TypeError for one that isn't floating.

    >>> standardise(np.array([[0.0, 7.0], [2.0, 7.0]]))[0]
    array([[-1.,  0.],
           [ 1.,  0.]])
    """
    for i, A in enumerate((X, *others)):
        name = "X" if i == 0 else f"others[{i - 1}]"
        if require_array(name, A).dtype.kind != "f":
            msg = f"{name} has dtype {A.dtype} and shape {A.shape}, expected floating numbers"
            raise TypeError(msg)
        if A.ndim != 2 or A.shape[1] != X.shape[1]:
            msg = f"{name} has shape {A.shape}, expected (N, {X.shape[-1]})"
            raise ValueError(msg)
        require_finite(name, A)
    mean, rest, std = _moments(X)
    # The mean of equal numbers may be off by a rounding, and their std above 0.
    scale = np.where((std > 0) & (np.ptp(X, axis=0) > 0), std, 1)
    return tuple((((A - mean) - rest) / scale).astype(A.dtype) for A in (X, *others))


def _moments(X: Array) -> tuple[Array, Array, Array]:
    """Return the mean of each column, what it lacks, and the standard deviation."""
    # In float64 whatever the dtype: a mean of 60,000 float32 pixels loses three digits.
    mean = X.mean(axis=0, dtype=np.float64)
    centred = X - mean
    # Far from 0 the sum has lost digits: the mean of what is left has them.
    return mean, centred.mean(axis=0), centred.std(axis=0)
