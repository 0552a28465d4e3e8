"""Only the last layer updated.

An update that stands one indentation too far to the right or left, a loop whose variable still
holds its last value, a `return` inside the loop: then one layer is updated and the others stay as
they were drawn. What remains is a linear classifier on random features, and that is a respectable
method. With enough hidden units it gets most digits right.

Here the demonstration is deliberate in one of the notebooks: it zeroes the gradients of the first
two layers and reaches 41% with two random layers below a trained one.

So the loss falls, the curve looks healthy, and the final figure is merely disappointing, which
invites turning knobs. More hidden units do help, for the wrong reason. Asking for the gradients
finds nothing, as they are right for every layer. Asking what moved does:

>>> import numpy as np
>>> from reference_mlp import SGD, mlp
>>> net = mlp((4, 8, 8, 3), rng=np.random.default_rng(0))
>>> rng = np.random.default_rng(1)
>>> X, y = rng.normal(size=(30, 4)), rng.integers(3, size=30)
>>> before = {name: p.copy() for name, p in net.params.items()}
>>> losses = [train_step(net, SGD(0.5), X, y) for _ in range(100)]
>>> print(f"{losses[0]:.2f} to {losses[-1]:.2f}")
1.42 to 0.89
>>> [name for name, p in net.params.items() if (p == before[name]).all()]
['0.W', '0.b', '2.W', '2.b']
"""

from typing import Any

from buggy_variants.bug import Bug, Severity
from reference_mlp._arrays import Array


def train_step(network: Any, optimiser: Any, X: Array, y: Array) -> float:
    loss, grads = network.loss_and_gradients(X, y)
    names = network.trainable[-2:]  # BUG: the weights and the bias of the last layer only
    optimiser.step(network.params, {name: grads[name] for name in names})
    return float(loss)


bug = Bug(
    replaces={"train_step": train_step},
    severity=Severity.WORSE,
    flagged_by=(
        "step_follows_gradient",
        "parameters_move",
        "first_order_decrease",
        "overfits_32_digits",
        "convergence",
    ),
    right=(r"$\theta_l \leftarrow \theta_l - \eta\,d\theta_l$ for every layer $l = 1, \dots, L$"),
    wrong=(r"$\theta_L \leftarrow \theta_L - \eta\,d\theta_L$, and the others stay"),
    symptom=(
        "It learns, and ends worse than it should. Weights of the hidden layers are those it "
        "started with."
    ),
    preconditions="A hidden layer.",
    why_missed=(
        "A linear layer on random features learns digits, so a bound on accuracy that isn't "
        "tight passes; gradients are right."
    ),
    fix="Hand the optimiser the gradients of all trainable parameters.",
    origin=(
        "notebook 004, lines 130-137: zeroed on purpose",
        "synthetic",
    ),
    related=("GB076",),
)
