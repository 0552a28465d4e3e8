r"""Mean of the means of uneven batches.

The network gives a mean loss for each batch, so the loss of the set is `np.mean(losses)`. That is
exact when all batches are equally large. When the size of the set is no multiple of the batch
size, the last batch is smaller, and each of its rows counts for more: with 1001 rows in batches of
1000 the last row by itself makes up half the result.

In a test set of 10,000 rows and batches of 32 the last has 16 rows, which count double. That moves
an accuracy by a few hundredths of a point, so that it isn't noticed, and can reverse the order of
two networks that are as close as that. It also makes the result depend on the batch size, which
evaluation should not: batches are there for memory. A change of the batch size between two runs,
because the other machine has less of it, shows up as a difference in quality.

The mean over an epoch of training is written in the same way and has the same fault; there the
losses are of different weights anyway, and one more inaccuracy is harder to see.

Ten rows are right and an eleventh is wrong, 10/11 = 0.909:

>>> from reference_mlp import mlp
>>> net = mlp((2, 2), rng=np.random.default_rng(0), initialiser="zeros")
>>> net.params["0.b"][0] = 1.0  # always class 0
>>> X, y = np.zeros((11, 2)), np.array([0] * 10 + [1])
>>> [round(evaluate(net, X, y, batch_size=size).accuracy, 3) for size in (11, 5, 10)]
[0.909, 0.667, 0.5]
"""

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import accuracy
from reference_mlp._arrays import Array, require_count, require_pairs
from reference_mlp.evaluation import Evaluation, Scored, loss_and_logits


def evaluate(network: Scored, X: Array, y: Array, *, batch_size: int = 1000) -> Evaluation:
    require_pairs(X, y)
    batch_size = require_count("batch_size", batch_size)
    losses, hits = [], []
    for start in range(0, len(X), batch_size):
        rows = slice(start, start + batch_size)
        mean_loss, logits = loss_and_logits(network, X[rows], y[rows])
        losses.append(float(mean_loss))
        hits.append(accuracy(logits, y[rows]))
    return Evaluation(float(np.mean(losses)), float(np.mean(hits)))  # BUG: the last is smaller


bug = Bug(
    replaces={"evaluate": evaluate},
    severity=Severity.WRONG,
    flagged_by=("evaluation_weights",),
    right=r"$\dfrac{1}{N} \sum_b n_b L_b$",
    wrong=r"$\dfrac{1}{B} \sum_{b=1}^{B} L_b$",
    symptom="Loss and accuracy of one network on one set change with the batch size.",
    preconditions="A set whose size is no multiple of the batch size.",
    why_missed="Powers of ten divide each other: 10,000 test digits in batches of 100 or 1000.",
    fix="Weight each batch by its rows and divide by all rows.",
    origin=("dnouri/nolearn#247", "udacity/deep-learning-v2-pytorch#71"),
    related=("GB091", "GB179"),
)
