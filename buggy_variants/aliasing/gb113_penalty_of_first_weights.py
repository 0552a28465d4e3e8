r"""The penalty's gradient of the first weights.

`self.decay = l2 * W` is computed once, since $\lambda$ is a constant and the expression looks like
one. $W$ isn't. At the first step the stored array is right to the last bit. Later it still
points towards zero from where the weights were at the start.

What used to pull each weight towards 0 is now a constant force on it. Weights whose start was
positive are pushed down for ever, past zero and beyond; the penalty that should hold them gets
larger, and the force doesn't change. Against the gradient of the data it is a weak drift, so
the network trains, and with the small strengths in use the drift over an epoch is minute. It is a
regulariser that ruins long runs only.

Checks at initialisation pass, because there the two agree. The check that sees it trains first and
differentiates then:

>>> import numpy as np
>>> from reference_mlp import mlp
>>> net = mlp((1, 1), rng=np.random.default_rng(0), loss="squared_error", l2=0.1, network=Stale)
>>> x, W = np.zeros((1, 1)), net.params["0.W"]
>>> W[...] = 1
>>> for w in (1.0, 0.5, -2.0):
...     W[...] = w
...     print(w, net.gradients(x, np.zeros(1))["0.W"].round(6).item())
1.0 0.1
0.5 0.1
-2.0 0.1
"""

from buggy_variants.bug import Bug, Severity
from reference_mlp import Network
from reference_mlp._arrays import Params


class Stale(Network):
    decay: Params | None = None

    def _penalty_gradients(self) -> Params:
        if self.decay is None:  # BUG: the weights of the first step, while these move
            self.decay = super()._penalty_gradients()
        return {name: g.astype(self.dtype) for name, g in self.decay.items()}


bug = Bug(
    replaces={"network": Stale},
    severity=Severity.WORSE,
    flagged_by=(
        "class_names",
        "after_training",
        "convex_optimum",
    ),
    right=r"$dW_t = x^\top dz + \lambda W_t$",
    wrong=r"$dW_t = x^\top dz + \lambda W_0$",
    symptom="In long runs weights drift through zero and away, and the printed penalty grows.",
    preconditions="A strength above 0, and weights that have moved.",
    why_missed="At the parameters of the first call it is right, and checks are made there.",
    fix="Compute `l2 * W` each time.",
    origin=("synthetic",),
    related=("GB047", "GB110"),
)
