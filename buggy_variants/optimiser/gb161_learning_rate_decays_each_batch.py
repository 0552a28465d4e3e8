r"""Learning rate decayed at every batch.

"Multiply the learning rate by 0.95 after each epoch" is a fine schedule. The optimiser is the
natural home of the rate, `step` is its only method, and an optimiser doesn't know what an epoch
is. So the line goes into `step`, and 0.95 is applied once a batch.

Geometric series are short. All learning rates together sum to $\eta / (1 - 0.95) = 20\,\eta$,
however long one trains, so the network can't get further from its start than twenty steps would
take it. With a hundred batches an epoch the rate at the end of the first is $0.95^{100} = 0.006$
of what it was. The curve falls, bends and lies flat, exactly as a converged one does, and more
epochs change nothing in the third digit. A larger learning rate helps, which is taken as a
finding.

Under a constant gradient of 1 at rate 0.1, after 10, 100 and 10,000 steps:

>>> import numpy as np
>>> params, optimiser = {"0.b": np.array([0.0])}, SGDDecayingEachStep(0.1)
>>> places = []
>>> for _ in range(10_000):
...     optimiser.step(params, {"0.b": np.array([1.0])})
...     places.append(float(params["0.b"][0].round(3)))
>>> places[9], places[99], places[9999]
(-0.803, -1.988, -2.0)
"""

from collections.abc import Mapping

from buggy_variants.bug import Bug, Severity, forms
from reference_mlp import SGD
from reference_mlp._arrays import Array, Params, require_same_shapes


class SGDDecayingEachStep(SGD):
    factor = 0.95

    def step(self, params: Params, grads: Mapping[str, Array]) -> None:
        require_same_shapes(params, grads)
        for name, g in grads.items():
            params[name] -= self.learning_rate * g
        self.learning_rate *= self.factor  # BUG: meant once an epoch, and this is a batch


bug = Bug(
    replaces={"sgd": SGDDecayingEachStep},
    severity=Severity.WORSE,
    flagged_by=(
        "optimiser_rules",
        "convex_optimum",
        "overfits_32_digits",
        "convergence",
    ),
    right=r"$\eta_{e+1} = 0.95\,\eta_e$ from epoch to epoch",
    wrong=r"$\eta_{t+1} = 0.95\,\eta_t$ from batch to batch",
    symptom=(
        "The loss flattens within the first epoch, at a value that the learning rate decides."
    ),
    preconditions="More than some twenty batches.",
    why_missed=(
        "Each step goes in the right direction, the first is exact, and a flat curve looks "
        "converged."
    ),
    fix=(
        "Decay where epochs are counted, or choose the factor for batches: 0.95 to the power "
        "of one over their number."
    ),
    origin=("synthetic",),
    related=("GB158",),
    also=forms("sgd", SGDDecayingEachStep, "by a factor of", factor=(0.5, 0.9, 0.99, 0.999)),
)
