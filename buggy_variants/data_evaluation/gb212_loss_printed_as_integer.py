r"""A loss that is printed as an integer.

`print("this loss: %d" % loss)` was copied from a line that printed an epoch. `%d` cuts off what
stands behind the point, silently, and a cross-entropy lives there: 2.30 at the start is 2, 0.97 is
0, and so is everything better than that. Whoever watches it sees a network that is done after an
epoch, or one that doesn't learn, according to where the number stands.

Where the cut number is only printed, no harm is done beyond that. Where it is kept as the history
of the run, learning curves are stairs, early stopping finds no improvement and stops, and a
schedule that waits for a plateau lowers the rate at once. And on the day that the loss is NaN,
`%d` raises, in the line that was to report it.

What a step reports, beside the loss that it went down from:

>>> import numpy as np
>>> from reference_mlp import SGD, mlp
>>> net = mlp((2, 3), rng=np.random.default_rng(0))
>>> X, y = np.ones((4, 2)), np.array([0, 1, 2, 0])
>>> round(float(net.loss(X, y)), 3), train_step(net, SGD(0.1), X, y)
(1.304, 1.0)
"""

from buggy_variants.bug import Bug, Severity
from reference_mlp._arrays import Array
from reference_mlp.optimisers import Optimiser
from reference_mlp.training import Trainable


def train_step(network: Trainable, optimiser: Optimiser, X: Array, y: Array) -> float:
    loss, grads = network.loss_and_gradients(X, y)
    optimiser.step(network.params, {name: grads[name] for name in network.trainable})
    return float("%d" % loss)  # BUG: cut off at the point


bug = Bug(
    replaces={"train_step": train_step},
    severity=Severity.WORSE,
    flagged_by=("step_follows_gradient", "history_reported"),
    right=r"$L$",
    wrong=r"$\lfloor L \rfloor$, for $L \ge 0$",
    symptom="A loss of 0 from the first epochs on, or learning curves that are stairs.",
    preconditions="None.",
    why_missed="Training itself is untouched, and a loss of 0 is what one hoped for.",
    fix='`"%.4f" % loss` where it is printed, and `float(loss)` where it is kept.',
    origin=("notebook 001, line 276",),
    related=("GB166", "GB167"),
)
