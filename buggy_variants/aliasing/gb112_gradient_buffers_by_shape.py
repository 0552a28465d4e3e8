r"""One gradient buffer for each shape.

Allocating gradients anew at each step costs time, and buffers that are allocated once and filled
each time save it. They have to be looked up by something. The name of the parameter would do; the
shape seems to do as well, since that is what a buffer needs to have.

Two layers of equal width have biases of one shape, and so one buffer. The backward pass
fills it for the upper layer, goes on, and fills it again for the lower one, whose numbers both
entries of the dictionary then show. The upper layer moves by a gradient that isn't its own. Where
all widths differ nothing is wrong, and textbook networks, 784-100-10, are of that kind.

It gets by because it is half right: in a square stack the lowest layer has its own gradient, and
all others a copy of it, correlated with theirs to some degree.

>>> from reference_mlp import mlp
>>> rng = np.random.default_rng(0)
>>> net = mlp((4, 5, 5, 3), rng=rng, network=BuffersByShape)
>>> grads = net.gradients(rng.normal(size=(6, 4)), rng.integers(3, size=6))
>>> grads["0.b"] is grads["2.b"], grads["0.W"] is grads["2.W"]
(True, False)
"""

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import Network
from reference_mlp._arrays import Array, Params
from reference_mlp.network import Tape


class BuffersByShape(Network):
    def backward(self, tape: Tape, y: Array) -> tuple[Params, Array]:
        grads, dX = super().backward(tape, y)
        buffers = {p.shape: np.empty_like(p) for p in self.params.values()}
        for name, g in reversed(grads.items()):
            grads[name] = buffers[g.shape]  # BUG: another parameter may have the same shape
            grads[name][...] = g
        return grads, dX


bug = Bug(
    replaces={"network": BuffersByShape},
    severity=Severity.WRONG,
    flagged_by=(
        "parameter_differences",
        "scipy_check_grad",
        "certified_gradients",
        "symmetric_jacobian",
        "tied_weights",
        "after_training",
        "equal_arrays",
        "first_order_decrease",
    ),
    right=r"$g_a$ and $g_b$, an array for each parameter",
    wrong=r"$g_a = g_b$, the one computed last, where $a$ and $b$ have one shape",
    symptom="Layers of equal width are moved by the gradient of the lowest of them.",
    preconditions="Two parameters of the same shape.",
    why_missed="Networks whose widths all differ have no two parameters of one shape.",
    fix="Key buffers by the parameter's name.",
    origin=("synthetic",),
    related=("GB020", "GB029"),
)
