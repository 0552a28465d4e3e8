r"""Batches drawn with replacement.

`rng.integers(len(X), size=batch_size)` is the shortest way to a random batch, and in the theory of
stochastic gradients it is the usual one: independent draws, an unbiased gradient. In a loop that
counts epochs it does something else than people think. After N draws from N rows a given row has
been missed with probability $(1 - 1/N)^N \approx 1/e$, so that of what is called an epoch 37
percent of the rows took no part, while others came two or three times.

Over many epochs it evens out, and nothing is biased. What changes: the epoch's loss is a sample
and not the mean over the set, a rare class of three rows is absent from an epoch once in twenty
(three rows missed, $e^{-3}$), and convergence is slower, since without replacement the errors of
the batches of one epoch cancel. Any claim such as "every image was seen 30 times" is false.

`rng.choice(n, size)` has the same default, `replace=True`.

How many of 1000 rows come in one epoch of 10 batches of 100:

>>> X, y = np.zeros((1000, 1)), np.arange(1000)
>>> epoch = minibatches(X, y, 100, rng=np.random.default_rng(0))
>>> len({label for _, labels in epoch for label in labels.tolist()})
622
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
    order = rng.integers(len(X), size=len(X))  # BUG: with replacement, 37 percent never come
    cuts = (order[start : start + batch_size] for start in range(0, len(X), batch_size))
    return ((X[rows], y[rows]) for rows in cuts)


bug = Bug(
    replaces={"minibatches": minibatches},
    severity=Severity.WORSE,
    flagged_by=("batches_cover", "history_reported"),
    right=r"$\pi(1), \dots, \pi(N)$, a permutation",
    wrong=r"$N$ independent draws from $\{1, \dots, N\}$",
    symptom="An epoch sees 63 percent of the rows. Training is a little slower and noisier.",
    preconditions="None.",
    why_missed="Sizes and pairs are right, and the gradients are unbiased.",
    fix="`rng.permutation(len(X))`; or keep the draws and count steps instead of epochs.",
    origin=("synthetic",),
    related=("GB089",),
)
