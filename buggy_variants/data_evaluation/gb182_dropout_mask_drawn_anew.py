r"""Mask drawn anew in the backward pass.

Where a layer keeps no cache, its backward pass has to get the mask from somewhere, and drawing it
again looks like the same thing: same rate, same generator, same distribution. It's another mask.
Some units that were dropped receive a gradient, and others that made up the output receive none.

On average over the masks the two factors are independent, and what is left of the gradient is its
mean. Only a share $1-p$ of the entries agree by chance at a kept unit, so each step adds noise that
comes from no data. The network trains, more slowly, and a smaller learning rate helps, as it would
with any noise.

Recomputing activations in the backward pass to save memory brings the bug back in large
frameworks: the forward pass is run a second time, with dropout in it, and unless its seed is put
back, the gradients belong to a network that no loss was computed for.

Where the forward pass has a 0 the backward pass should have one, and a 2 where it has a 2:

>>> layer = MaskDrawnAnew(0.5).thinned(np.random.default_rng(0))
>>> out, cache = layer.forward(np.ones((1, 6)), {})
>>> out
array([[0., 2., 0., 2., 0., 2.]])
>>> layer.backward(cache, np.ones((1, 6)), {})[0]
array([[0., 0., 0., 2., 2., 2.]])
"""

from collections.abc import Mapping

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import Dropout
from reference_mlp._arrays import Array, Params
from reference_mlp.dropout import ThinnedDropout
from reference_mlp.layers import Layer


class MaskDrawnAnew(Dropout):
    def thinned(self, rng: np.random.Generator) -> Layer:
        class Thinned(ThinnedDropout):
            def backward(
                self, cache: Array, dz: Array, params: Mapping[str, Array]
            ) -> tuple[Array, Params]:
                kept = rng.random(dz.shape) >= self.rate  # BUG: not the mask of the forward pass
                mask: Array = kept.astype(dz.dtype) / (1 - self.rate)
                return dz * mask, {}

        return Thinned(self.rate, int(rng.integers(2**63)))


bug = Bug(
    replaces={"dropout": MaskDrawnAnew},
    severity=Severity.WORSE,
    flagged_by=("dropout_masks",),
    right=r"$dx = dz \odot m$",
    wrong=r"$dx = dz \odot m'$ with $m'$ independent of $m$",
    symptom="Training with dropout is noisier than it should be and wants a smaller learning rate.",
    preconditions="Dropout that is active.",
    why_missed=(
        "The share of zeros and the scale of the gradients are right; a check that switches "
        "dropout off sees the identity."
    ),
    fix="Hand the mask from forward to backward.",
    origin=("microsoft/onnxruntime#19715", "bojone/bert4keras#521"),
    related=("GB092",),
)
