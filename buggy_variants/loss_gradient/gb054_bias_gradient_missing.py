r"""Biases without a gradient.

The derivation is about weights. The bias is introduced with the promise that it is the weight of
a constant input of 1, and is then left to the reader. In the code it is added in the forward
pass, initialised to zero, and gets a gradient of zero, from a line that allocates it and another
that was never written.

With biases at zero for good the network is one without biases, which can still learn a lot. In
images with a black background each unit's boundary passes through the black image, and relu units
are then scaled copies of themselves along every ray; a wide network hardly cares. On digits the
test loss after two epochs is within the spread of the right one's. It fails where the offset
carries the information: a regression whose targets have a mean far from zero, or classes of
unequal frequency with uninformative inputs.

Checks that loop over the weight matrices pass, since these gradients are right. A mean of the
targets that can't be reached is the quickest test:

>>> from reference_mlp import SGD, mlp, train_step
>>> def fitted(linear):
...     net = mlp((1, 1), rng=np.random.default_rng(0), loss="squared_error", linear=linear)
...     for _ in range(200):
...         train_step(net, SGD(0.5), np.array([[1.0], [-1.0]]), np.array([5.0, 5.0]))
...     return net.logits(np.array([[0.0]])).round(3).item()
>>> fitted(Linear), fitted(BiasWithoutGradient)
(5.0, 0.0)
"""

from collections.abc import Mapping

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import Linear
from reference_mlp._arrays import Array, Params


class BiasWithoutGradient(Linear):
    def backward(
        self, cache: Array, dz: Array, params: Mapping[str, Array]
    ) -> tuple[Array, Params]:
        x = cache
        dx = dz @ params["W"].T
        dW = x.T @ dz
        db = np.zeros_like(params["b"])  # BUG: allocated, and never filled
        return dx, {"W": dW, "b": db}


bug = Bug(
    replaces={"linear": BiasWithoutGradient},
    severity=Severity.WORSE,
    flagged_by=(
        "parameter_differences",
        "scipy_check_grad",
        "certified_gradients",
        "symmetric_jacobian",
        "layer_adjoints",
        "layer_differences",
        "tied_weights",
        "saturated_differences",
        "after_training",
        "equal_arrays",
        "convex_optimum",
    ),
    right=r"$db = \sum_n dz_n$",
    wrong=r"$db = 0$",
    symptom="Biases stay at their initial values; a constant offset isn't learnt.",
    preconditions="None.",
    why_missed="Checks of the weights pass, and most data can be learnt without biases.",
    fix="`db = dz.sum(axis=0)`.",
    origin=("blog.primen.dk, Numerical Gradient Checking: the forgotten bias",),
    related=("GB117",),
)
