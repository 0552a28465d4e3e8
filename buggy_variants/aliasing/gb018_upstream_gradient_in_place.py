r"""Upstream gradient scaled in place.

`dh *= s * (1 - s)` is one character longer than the product it stands for and saves an array
of the size of the batch. The result is right. The array that was handed in, $\partial L /
\partial h$, is gone: what its owner now finds there is $\partial L / \partial z$.

In a chain of layers nobody is left to notice. The upstream gradient comes fresh out of the
layer above and has no other reader, which is why every check of a whole perceptron passes: its
gradients are right to the last bit, asked once or twice. As soon as the graph branches, they
are not. In a residual connection $h + f(h)$ the same array is the gradient of both summands,
and the skip connection receives it multiplied by a derivative that belongs to the other branch.
A tied layer, a plot of gradients by layer and a hook that keeps them for later go wrong in the
same way.

A library whose graphs may branch has to forbid it, therefore, in all of its layers. The only test
that sees it hands one layer an upstream gradient and looks at that array again afterwards.

The owner of the upstream gradient finds a quarter of it:

>>> import numpy as np
>>> z, dh = np.zeros(2), np.array([1.0, -2.0])
>>> dz = SigmoidScalingUpstream().backward(z, dh)
>>> dz is dh, dh
(True, array([ 0.25, -0.5 ]))
"""

from buggy_variants.bug import Bug, Severity
from reference_mlp import Sigmoid
from reference_mlp._arrays import Array
from reference_mlp.functions import sigmoid_derivative


class SigmoidScalingUpstream(Sigmoid):
    def backward(self, cache: Array, dh: Array) -> Array:
        z = cache
        dh *= sigmoid_derivative(z)  # BUG: dh is the caller's, who may have another use for it
        return dh


bug = Bug(
    replaces={"sigmoid": SigmoidScalingUpstream},
    severity=Severity.WRONG,
    flagged_by=(
        "layer_adjoints",
        "modules_unchanged",
    ),
    right=r"$dz = dh \odot s (1 - s)$, and $dh$ is left alone",
    wrong=r"$dz = dh \leftarrow dh \odot s (1 - s)$",
    symptom=(
        "None in a plain perceptron. With a residual connection, or where gradients are kept for "
        "a plot, the gradient of the layer above turns out to be that of the layer below."
    ),
    preconditions="The upstream gradient is read again after the call: a branch, a hook, a plot.",
    why_missed=(
        "In a chain of layers each upstream gradient has one reader, so all gradients of the "
        "network are right. Only a test of the layer by itself can see the difference."
    ),
    fix="`dz = dh * s * (1 - s)` into a new array.",
    origin=(
        "notebook 003, line 110",
        "notebook 004, line 82: latent",
        "notebook 000, line 64: latent",
    ),
    related=("GB016", "GB017", "GB099"),
)
