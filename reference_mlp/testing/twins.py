"""The same network another time: of the same numbers, in this dtype or in float64."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import DTypeLike

from reference_mlp._arrays import Array
from reference_mlp.testing.implementation import NetworkFactory, NetworkUnderTest
from reference_mlp.testing.parameters import copied
from reference_mlp.testing.problems import Problem


def twin_of(
    problem: Problem,
    make_network: NetworkFactory,
    params: Mapping[str, Array],
    dtype: DTypeLike = np.float64,
) -> NetworkUnderTest:
    """Return a network for `problem` that is built anew and holds the numbers of `params`.

    In float64 differences are sharp: in float32 the best central difference has four digits, of
    the loss in float64 it has ten, and float32 gradients can be held to their own rounding.
    """
    # Copied first: somebody's networks may share their arrays, which building one draws anew.
    params = copied(params)
    twin = problem.build(make_network, dtype=dtype, rng=np.random.default_rng(0))
    for name, p in params.items():
        twin.params[name][...] = p
    return twin


def in_float64(X: Array, y: Array) -> tuple[Array, Array]:
    """Return inputs and targets in float64; integer labels stay as they are.

    >>> [a.dtype.name for a in in_float64(np.ones((2, 3), np.float32), np.array([0, 1]))]
    ['float64', 'int64']
    """
    return X.astype(np.float64), y if y.dtype.kind in "iu" else y.astype(np.float64)
