r"""Dropout without its mask in the backward pass.

The forward pass multiplies by a mask, so the backward pass has to multiply by the same one: a unit
that was dropped had no part in the loss, and the others were scaled by $1/(1-p)$. `return dz` looks
complete because dropout has no parameters, and because in evaluation, where dropout is off, it is.

Units that were dropped then receive gradients as if they had been there, computed for an output
of zero. For those that were kept the factor $1/(1-p)$ is missing, so at a rate of 0.5 the layers
below learn with half the gradient that they should have. The sum over many masks still points
downhill more often than not, so the network learns, slower and with noise that has no purpose.

A gradient check switches dropout off, since a loss that is random can't be differenced. What is
checked then is the identity, whose gradient is `dz`. To check dropout the mask has to be held
still: draw it from a seed, so that the same thinned network answers both sides of the difference.

Outputs of a layer that drops half of its units, and what goes back through it:

>>> layer = UnmaskedBackward(0.5).thinned(np.random.default_rng(0))
>>> out, mask = layer.forward(np.ones((1, 4)), {})
>>> out
array([[0., 2., 0., 2.]])
>>> layer.backward(mask, np.ones((1, 4)), {})[0]
array([[1., 1., 1., 1.]])
"""

from collections.abc import Mapping

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import Dropout
from reference_mlp._arrays import Array, Params
from reference_mlp.dropout import ThinnedDropout
from reference_mlp.layers import Layer


class UnmaskedBackward(Dropout):
    def thinned(self, rng: np.random.Generator) -> Layer:
        class Thinned(ThinnedDropout):
            def backward(
                self, cache: Array, dz: Array, params: Mapping[str, Array]
            ) -> tuple[Array, Params]:
                return dz, {}  # BUG: what was dropped has no gradient, the rest a factor

        return Thinned(self.rate, int(rng.integers(2**63)))


bug = Bug(
    replaces={"dropout": UnmaskedBackward},
    severity=Severity.WORSE,
    flagged_by=("dropout_masks",),
    right=r"$dx = dz \odot m, \quad m_{ij} \in \{0, \tfrac{1}{1-p}\}$",
    wrong=r"$dx = dz$",
    symptom="Training with dropout is slower than it should be, and helps less than it should.",
    preconditions="Dropout that is active.",
    why_missed="Gradients are checked with dropout switched off, where the layer is the identity.",
    fix="`dx = dz * mask`, with the mask of the forward pass.",
    origin=("ddbourgin/numpy-ml#94",),
    related=("GB182",),
)
