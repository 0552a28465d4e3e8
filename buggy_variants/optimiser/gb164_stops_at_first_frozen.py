"""Update that stops at the first frozen parameter.

Fine-tuning freezes the early layers and trains the late ones. The loop over gradients leaves out
what is frozen, with `break` where `continue` was meant, or with a `return` inside an `if`. One
keyword decides whether "skip this one" or "stop here" is executed, and while nothing is frozen
neither ever is.

The case that the feature was made for is the worst. The frozen layers come first, so the loop
ends at its first turn and nothing is trained at all. The loss is not quite constant over an
epoch, since the batches differ, and it isn't bad either, as the network was trained before. It is
easily read as "fine-tuning gains nothing on this data". Freeze the last layer and all is well, so
a test that happens to freeze that one is no help.

A network whose first weights are frozen, and the names of what fifty steps have moved:

>>> import numpy as np
>>> from reference_mlp import SGD, mlp
>>> net = mlp((3, 4, 2), rng=np.random.default_rng(0), frozen=["0.W"])
>>> X, y = np.random.default_rng(1).normal(size=(8, 3)), np.arange(8) % 2
>>> before = {name: p.copy() for name, p in net.params.items()}
>>> losses = [train_step(net, SGD(0.5), X, y) for _ in range(50)]
>>> [name for name, p in net.params.items() if (p != before[name]).any()]
[]
"""

from typing import Any

from buggy_variants.bug import Bug, Severity
from reference_mlp._arrays import Array, Params


def train_step(network: Any, optimiser: Any, X: Array, y: Array) -> float:
    loss, grads = network.loss_and_gradients(X, y)
    moving: Params = {}
    for name, g in grads.items():
        if name not in network.trainable:
            break  # BUG: continue, as others come after it
        moving[name] = g
    optimiser.step(network.params, moving)
    return float(loss)


bug = Bug(
    replaces={"train_step": train_step},
    severity=Severity.WRONG,
    flagged_by=("step_follows_gradient",),
    right=(r"$\theta_i \leftarrow \theta_i - \eta\,g_i$ for all $i$ that are not frozen"),
    wrong=(r"$\theta_i \leftarrow \theta_i - \eta\,g_i$ for all $i$ before the first frozen one"),
    symptom=(
        "Fine-tuning changes nothing. What moves are the parameters before the first frozen "
        "one, if any."
    ),
    preconditions="A frozen parameter that is not the last.",
    why_missed="Without frozen parameters it is exact, and so are all gradients.",
    fix="`continue`, or a comprehension with the condition in it.",
    origin=("synthetic",),
    related=(
        "GB077",
        "GB163",
    ),
)
