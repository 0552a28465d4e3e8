r"""Hits divided by the batch size.

Per batch one counts what is right and divides by `batch_size`, which is the number of rows in it,
except in the last batch. There 16 right ones of 16 are divided by 32. A mean over the batches then
counts that batch as half wrong, and no network can reach an accuracy of 1.

The form here accumulates sums and divides once, by `n_batches * batch_size`, as if every batch were
full. It's the same mistake: rows that don't exist count as errors. The more of the last batch is
missing, the lower the ceiling. On 10,000 test digits in batches of 64 it is at 10,000/10,048 =
0.9952, not far above what good networks reach. In one report a dataset of 1000 in batches of 128
could not be scored above 0.896, by a kindred mistake: there the last batch was left out.

The opposite, multiplying a batch's mean by `batch_size` and dividing by the true number of rows,
gives numbers that are too high, and an accuracy above 1 when all is right; that one is noticed.

A network that is right on each of 10 rows, in batches of 5, 4 and 32:

>>> import numpy as np
>>> from reference_mlp import mlp
>>> net = mlp((2, 2), rng=np.random.default_rng(0), initialiser="zeros")
>>> net.params["0.b"][0] = 1.0  # always class 0
>>> X, y = np.zeros((10, 2)), np.zeros(10, int)
>>> [round(evaluate(net, X, y, batch_size=size).accuracy, 3) for size in (5, 4, 32)]
[1.0, 0.833, 0.312]
"""

import math

from buggy_variants.bug import Bug, Severity
from reference_mlp import accuracy
from reference_mlp._arrays import Array, require_count, require_pairs
from reference_mlp.evaluation import Evaluation, Scored, loss_and_logits


def evaluate(network: Scored, X: Array, y: Array, *, batch_size: int = 1000) -> Evaluation:
    require_pairs(X, y)
    batch_size = require_count("batch_size", batch_size)
    loss = hits = 0.0
    n_batches = math.ceil(len(X) / batch_size)
    for start in range(0, len(X), batch_size):
        rows = slice(start, start + batch_size)
        n = len(X[rows])
        mean_loss, logits = loss_and_logits(network, X[rows], y[rows])
        loss += n * float(mean_loss)
        hits += n * accuracy(logits, y[rows])
    return Evaluation(loss / len(X), hits / (n_batches * batch_size))  # BUG: the last is smaller


bug = Bug(
    replaces={"evaluate": evaluate},
    severity=Severity.WRONG,
    flagged_by=("evaluation_weights", "history_reported"),
    right=r"$\dfrac{1}{N} \sum_b h_b$",
    wrong=r"$\dfrac{1}{B \lceil N / B \rceil} \sum_b h_b$",
    symptom="Accuracy is too low by a factor that depends on the batch size; 1 is out of reach.",
    preconditions="A set whose size is no multiple of the batch size.",
    why_missed="The error is below one percent at the usual sizes, and the loss is right.",
    fix="Divide by the number of rows that were scored.",
    origin=("mitmul/chainer-cifar10#1", "uclnlp/jack#174"),
    related=("GB090",),
)
