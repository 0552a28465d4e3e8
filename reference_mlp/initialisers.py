"""Initial weights (n_in, n_out), drawn from a generator that the caller passes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import DTypeLike

from reference_mlp._arrays import Array, float_dtype, require_count


class Initialiser(Protocol):
    """A function from the two widths of a layer to its weights."""

    def __call__(
        self, n_in: int, n_out: int, *, rng: np.random.Generator, dtype: DTypeLike = np.float64
    ) -> Array:
        """Return weights (n_in, n_out) of `dtype`."""


def glorot_uniform(
    n_in: int, n_out: int, *, rng: np.random.Generator, dtype: DTypeLike = np.float64
) -> Array:
    """Draw from U(-a, a) with a = sqrt(6 / (n_in + n_out)): Glorot and Bengio 2010, eq. 16.

    >>> glorot_uniform(3, 2, rng=np.random.default_rng(0)).shape
    (3, 2)
    """
    dtype = float_dtype(dtype)
    a = np.sqrt(6 / _fans(n_in, n_out))
    return rng.uniform(-a, a, (n_in, n_out)).astype(dtype)


def glorot_normal(
    n_in: int, n_out: int, *, rng: np.random.Generator, dtype: DTypeLike = np.float64
) -> Array:
    """Draw from N(0, 2 / (n_in + n_out)): Glorot and Bengio 2010, eq. 12.

    >>> glorot_normal(3, 2, rng=np.random.default_rng(0)).shape
    (3, 2)
    """
    dtype = float_dtype(dtype)
    std = np.sqrt(2 / _fans(n_in, n_out))
    return rng.normal(0, std, (n_in, n_out)).astype(dtype)


def he_uniform(
    n_in: int, n_out: int, *, rng: np.random.Generator, dtype: DTypeLike = np.float64
) -> Array:
    """Draw from U(-a, a) with a = sqrt(6 / n_in): He et al. 2015, eq. 10, as a uniform law.

    >>> he_uniform(3, 2, rng=np.random.default_rng(0)).shape
    (3, 2)
    """
    _fans(n_in, n_out)
    dtype = float_dtype(dtype)
    a = np.sqrt(6 / n_in)
    return rng.uniform(-a, a, (n_in, n_out)).astype(dtype)


def he_normal(
    n_in: int, n_out: int, *, rng: np.random.Generator, dtype: DTypeLike = np.float64
) -> Array:
    """Draw from N(0, 2 / n_in): He et al. 2015, eq. 10.

    >>> he_normal(3, 2, rng=np.random.default_rng(0)).shape
    (3, 2)
    """
    _fans(n_in, n_out)
    dtype = float_dtype(dtype)
    return rng.normal(0, np.sqrt(2 / n_in), (n_in, n_out)).astype(dtype)


def normal(std: float) -> Initialiser:
    """Return an initialiser that draws from N(0, std^2).

    >>> normal(0.01)(3, 2, rng=np.random.default_rng(0)).shape
    (3, 2)
    """
    if not (np.isfinite(std) and std >= 0):
        msg = f"std is {std}, expected a finite number of at least 0"
        raise ValueError(msg)

    def draw(
        n_in: int, n_out: int, *, rng: np.random.Generator, dtype: DTypeLike = np.float64
    ) -> Array:
        _fans(n_in, n_out)
        dtype = float_dtype(dtype)
        return rng.normal(0, std, (n_in, n_out)).astype(dtype)

    return draw


def zeros(
    n_in: int, n_out: int, *, rng: np.random.Generator | None = None, dtype: DTypeLike = np.float64
) -> Array:
    """Return zeros: right for biases and for a single layer, wrong for hidden weights.

    >>> zeros(1, 2)
    array([[0., 0.]])
    """
    _fans(n_in, n_out)
    array: Array = np.zeros((n_in, n_out), float_dtype(dtype))
    return array


def _fans(n_in: Any, n_out: Any) -> int:
    return require_count("n_in", n_in) + require_count("n_out", n_out)


INITIALISERS: Mapping[str, Initialiser] = {
    "glorot_uniform": glorot_uniform,
    "glorot_normal": glorot_normal,
    "he_uniform": he_uniform,
    "he_normal": he_normal,
    "zeros": zeros,
}
