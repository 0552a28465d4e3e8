"""Which of a network's arrays are its weights and biases, in whichever layout they lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from reference_mlp._arrays import Array


@dataclass(frozen=True)
class Reading:
    """Names of weights and biases from input to output, and whether W is (n_in, n_out).

    There are no names of biases where layers have none.
    """

    weights: tuple[str, ...]
    biases: tuple[str, ...]
    inputs_first: bool

    def weight(self, arrays: Mapping[str, Array], layer: int) -> Array:
        """Return a view of the weights of a layer, of shape (n_in, n_out)."""
        W = arrays[self.weights[layer]]
        return W if self.inputs_first else W.T

    def bias(self, arrays: Mapping[str, Array], layer: int) -> Array:
        """Return a view of the bias of a layer, of shape (n_out,), or zeros where it has none."""
        if not self.biases:
            W = self.weight(arrays, layer)
            return np.zeros(W.shape[1], W.dtype)
        return arrays[self.biases[layer]].reshape(-1)


def readings(params: Mapping[str, Array], sizes: Sequence[int]) -> list[Reading]:
    """Return every way to read `params` as the layers of a perceptron of widths `sizes`.

    One weight and one bias a layer, in turns or all of a kind first, are told by their shapes, and
    so are weights alone. Other layouts have no reading, and where widths are equal there may be
    several.

    >>> readings({"V": np.ones((2, 3)), "c": np.ones((2, 1))}, (3, 2))
    [Reading(weights=('V',), biases=('c',), inputs_first=False)]
    """
    names = list(params)
    n = len(sizes) - 1
    if len(names) not in {n, 2 * n}:
        return []
    splits = (
        {(tuple(names), ())}
        if len(names) == n
        else {
            (tuple(names[::2]), tuple(names[1::2])),
            (tuple(names[1::2]), tuple(names[::2])),
            (tuple(names[:n]), tuple(names[n:])),
            (tuple(names[n:]), tuple(names[:n])),
        }
    )
    return [
        Reading(weights, biases, inputs_first)
        for weights, biases in sorted(splits)
        for inputs_first in (True, False)
        if all(
            params[W].shape == (shape if inputs_first else shape[::-1])
            for W, shape in zip(weights, pairwise(sizes), strict=True)
        )
        and all(
            params[b].shape in {(n_out,), (1, n_out), (n_out, 1)}
            for b, n_out in zip(biases, sizes[1:], strict=bool(biases))
        )
    ]
