r"""Accuracy called the cost.

One of the notebooks has two classes with a method `cost`: for the cross-entropy it returns the
loss, for "classification" the fraction that is right. The name is the same, the direction is not.
Whoever is given an object with a `cost` minimises it.

As long as the number is only printed, a reader sees 0.95 and knows what is meant. The trouble
begins when a program reads it. Early stopping keeps the epoch of the lowest "loss", which is now
the one with the most errors: usually the first, so that training ends `patience` epochs after it
began and goes back to a network that had hardly learned. A schedule that lowers the learning rate
when the loss no longer falls lowers it at once. A search over learning rates picks the worst. The
better the network does, the worse it looks, and every part of it is right by itself.

A network that is right on 4 of 4 rows is worse here than one that is right on none:

>>> import numpy as np
>>> from reference_mlp import mlp
>>> net = mlp((2, 2), rng=np.random.default_rng(0), initialiser="zeros")
>>> net.params["0.b"][0] = 3.0  # always class 0
>>> X = np.zeros((4, 2))
>>> [evaluate(net, X, np.full(4, label)).loss for label in (0, 1)]
[1.0, 0.0]
"""

from buggy_variants.bug import Bug, Severity
from reference_mlp import accuracy
from reference_mlp._arrays import Array, require_count, require_pairs
from reference_mlp.evaluation import Evaluation, Scored


def cost(scores: Array, y: Array) -> float:
    return accuracy(scores, y)


def evaluate(network: Scored, X: Array, y: Array, *, batch_size: int = 1000) -> Evaluation:
    require_pairs(X, y)
    batch_size = require_count("batch_size", batch_size)
    loss = hits = 0.0
    for start in range(0, len(X), batch_size):
        rows = slice(start, start + batch_size)
        n = len(X[rows])
        loss += n * cost(network.logits(X[rows]), y[rows])  # BUG: higher is better
        hits += n * accuracy(network.logits(X[rows]), y[rows])
    return Evaluation(loss / len(X), hits / len(X))


bug = Bug(
    replaces={"evaluate": evaluate},
    severity=Severity.WRONG,
    flagged_by=("evaluation_weights", "history_reported"),
    right=r"$L = \frac1N \sum_i \ell(z_i, y_i)$, the lower the better",
    wrong=r"$L = \frac1N \sum_i [\arg\max_k z_{ik} = y_i]$, the higher the better",
    symptom=(
        "Whatever selects by the lowest loss selects the worst network; early stopping ends "
        "after the first few epochs."
    ),
    preconditions="Something that acts on the number.",
    why_missed="It lies between 0 and 1, changes from epoch to epoch, and training ignores it.",
    fix="Report the loss as loss, and name the other number accuracy.",
    origin=(
        "notebook 000, line 80",
        "notebook 001, line 229: `classify` returns probabilities",
    ),
    related=("GB165",),
)
