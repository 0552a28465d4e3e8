r"""Biases decayed in the gradient only.

`for name in params: grads[name] += l2 * params[name]` decays everything there is, which is also
what the `weight_decay` of many optimisers does to a list of parameters. The loss, written with
more care, sums the squares of the weights. Its gradient by a bias has no such term.

The mirror image, with the biases in the loss and not in the gradient, only spoils a number
that is printed. This one changes what is learnt. A bias that should settle where the mean of the
residual is zero is pulled towards 0, and settles in between. In a regression whose targets lie
around 5 the predictions are too low throughout. Behind a softmax the biases carry the
logarithms of the class frequencies, and rare classes come out too likely.

At fresh biases, all zero, the term vanishes and the check agrees.

A single bias, fitted to a target of 5 under a strength of 0.25, ends at $5 / 1.25$:

>>> import numpy as np
>>> from reference_mlp import SGD, mlp, train_step
>>> net = mlp((1, 1), rng=np.random.default_rng(0), loss="squared_error", l2=0.25,
...           penalty=DecayingBiases)
>>> for _ in range(100):
...     _ = train_step(net, SGD(0.5), np.zeros((1, 1)), np.array([5.0]))
>>> net.params["0.b"].round(6)
array([4.])
"""

from collections.abc import Mapping

from buggy_variants.bug import Bug, Severity
from reference_mlp import L2Penalty
from reference_mlp._arrays import Array, Params


class DecayingBiases(L2Penalty):
    def gradient(self, params: Mapping[str, Array]) -> Params:
        everything = params.items()  # BUG: with the biases, which the loss leaves out
        return {name: self.strength * p for name, p in everything}


bug = Bug(
    replaces={"penalty": DecayingBiases},
    severity=Severity.WORSE,
    flagged_by=(
        "parameter_differences",
        "scipy_check_grad",
        "certified_gradients",
        "layer_adjoints",
        "tied_weights",
        "saturated_differences",
        "after_training",
        "convex_optimum",
        "first_order_decrease",
    ),
    right=r"$db = \sum_n dz_n$",
    wrong=r"$db = \sum_n dz_n + \lambda b$",
    symptom="Predictions are biased towards 0, the more so the stronger the penalty.",
    preconditions="A strength above 0 and a bias other than 0.",
    why_missed="Fresh biases are 0, and so is the extra term.",
    fix="Leave the biases out, or penalise them in the loss as well.",
    origin=("synthetic",),
    related=("GB050", "GB120"),
)
