"""Random directions, each made for what it has to find."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from reference_mlp._arrays import Array, Params


def gaussian(arrays: Mapping[str, Array], rng: np.random.Generator) -> Params:
    """Return a direction from N(0, 1) in every entry, of the shapes and dtypes of `arrays`.

    No error is orthogonal to it but by chance, and by how much chance is known: for an error
    e the product v.e is N(0, |e|^2). Neither signs alone (two equal and opposite errors cancel
    in half of the draws) nor positive entries (in all) have such a law.

    >>> gaussian({"b": np.zeros(2)}, np.random.default_rng(0))
    {'b': array([ 0.12573022, -0.13210486])}
    """
    return {name: rng.standard_normal(a.shape, dtype=a.dtype.type) for name, a in arrays.items()}


def spread_signs(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Return random signs times U(0.5, 1.5): no entry so small that its error is drowned.

    >>> bool((np.abs(spread_signs((3, 2), np.random.default_rng(0))) >= 0.5).all())
    True
    """
    signs = rng.integers(2, size=shape) * 2.0 - 1.0
    s: Array = signs * rng.uniform(0.5, 1.5, shape)
    return s
