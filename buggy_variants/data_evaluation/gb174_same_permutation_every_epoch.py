r"""Generator seeded anew in every epoch.

Somebody wants runs to be repeatable and puts `np.random.default_rng(0)` where the order is drawn.
The runs are repeatable now. But the line is inside of what is called once an epoch, so each epoch
starts the generator from the same seed and gets the same permutation. Rows meet the same
neighbours in the same batches for as long as training lasts.

Stochastic gradient descent rests on batches that are fresh samples. With fixed ones the noise of
the gradients is the same sequence each epoch instead of averaging out from one to the next, and
momentum sees a pattern with the period of an epoch. On an easy problem that costs little. It
is felt where batches are small, with batch normalisation, which can come to know its neighbours,
and in any estimate of the spread between runs: the argument `rng` is accepted and not used, so
ten runs of ten seeds have all the same order, and seem more alike than they are.

The first batch of three epochs, from a generator that goes on:

>>> X, y, rng = np.zeros((100, 1)), np.arange(100), np.random.default_rng(7)
>>> for _ in range(3):
...     print(next(minibatches(X, y, 5, rng=rng))[1])
[82 36 20  5 93]
[82 36 20  5 93]
[82 36 20  5 93]
"""

from collections.abc import Iterator

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp._arrays import Array, require_count, require_pairs


def minibatches(
    X: Array, y: Array, batch_size: int | None, *, rng: np.random.Generator
) -> Iterator[tuple[Array, Array]]:
    require_pairs(X, y)
    if batch_size is None:
        return iter([(X, y)])
    batch_size = require_count("batch_size", batch_size)
    order = np.random.default_rng(0).permutation(len(X))  # BUG: the same at every call
    cuts = (order[start : start + batch_size] for start in range(0, len(X), batch_size))
    return ((X[rows], y[rows]) for rows in cuts)


bug = Bug(
    replaces={"minibatches": minibatches},
    severity=Severity.WORSE,
    flagged_by=("batches_cover",),
    right=r"a permutation $\pi_t$ drawn for each epoch $t$",
    wrong=r"one permutation $\pi$ for all of them",
    symptom="None that is plain: runs of different seeds are more alike than they should be.",
    preconditions="More than one epoch, batches smaller than the set.",
    why_missed=(
        "One epoch is shuffled and covers every pair, runs can be repeated, and the network learns."
    ),
    fix="Draw from the generator that the caller passes on from epoch to epoch.",
    origin=("chiphuyen/stanford-tensorflow-tutorials#106",),
    related=("GB184",),
)
