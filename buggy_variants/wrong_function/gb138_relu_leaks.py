r"""Relu that leaks.

`np.where(z > 0, z, 0.01 * z)` is a leaky relu. It was put in to revive dead units, worked, and was
left under the old name; or it came with a copied function whose name said relu. The slope is small
enough to be invisible in a plot.

A network trained with it is a fine network, and its gradients are right. It's not the one that the
paper, the exported configuration or the person who loads the weights believes in. Run by a true
relu the same weights give other logits: each unit that is off should have contributed nothing, and
contributed a hundredth of a sometimes large negative number, in every layer anew. What else relies
on zeros stops working as well, such as counting the units that are off, skipping them
to save time, or bounding the outputs by zero.

Scaling the inputs scales the outputs for both functions, so that isn't the test. Zero is: half of
all pre-activations should come out as it.

>>> h, cache = LeakyRelu().forward(np.array([-5.0, 0.0, 5.0]))
>>> h
array([-0.05,  0.  ,  5.  ])
>>> LeakyRelu().backward(cache, np.ones(3))
array([0.01, 0.01, 1.  ])
"""

import numpy as np

from buggy_variants.bug import Bug, Severity, forms
from reference_mlp import Relu
from reference_mlp._arrays import Array


class LeakyRelu(Relu):
    slope = 0.01

    def forward(self, z: Array) -> tuple[Array, Array]:
        leak = z.dtype.type(self.slope)
        h = np.where(z > 0, z, leak * z)  # BUG: a leaky relu by the name of relu
        return h, z

    def backward(self, cache: Array, dh: Array) -> Array:
        z = cache
        dz: Array = np.where(z > 0, dh, dh.dtype.type(self.slope) * dh)
        return dz


bug = Bug(
    replaces={"relu": LeakyRelu},
    severity=Severity.WRONG,
    flagged_by=(
        "relu_at_zero",
        "forward_formulas",
        "extreme_activations",
    ),
    right=r"$h = \max(z, 0)$",
    wrong=r"$h = \max(z, 0.01 z)$",
    symptom=(
        "None in training. The same weights give slightly different logits in any other program, "
        "and no activation is exactly zero."
    ),
    preconditions="A unit that is off, and somebody who expects relu.",
    why_missed=(
        "Forward and backward pass leak alike, and accuracy is as good or better. Only the "
        "definition disagrees."
    ),
    fix="`np.maximum(z, 0)`, or another name for another function.",
    origin=("synthetic",),
    related=("GB059", "GB137"),
    also=forms("relu", LeakyRelu, "with a slope of", slope=(0.001, 0.02, 0.05, 0.1, 0.2, 0.3)),
)
