r"""Rows shuffled by `random.shuffle`.

Python's `random.shuffle` is made for lists: it goes from the last index down and swaps, `x[i], x[j]
= x[j], x[i]`. In a list that exchanges two references. In a two-dimensional array `x[i]` is a view
of row i, so the right-hand side is a pair of views, not of values. The first assignment overwrites
row i, and the second copies from a view of row i, which by then holds row j. Row j is there twice
and row i is gone.

So each row becomes a copy of one at or before it, chosen at random. On average half of the rows are
left, and the later a row the rarer it is: of 1000 the first comes seven times, the last in one
epoch of a thousand. Shuffling the same array again every epoch goes on losing, until the set has
shrunk to copies of a handful of rows.

Shapes and dtypes stay as they were. Here the numbers of the row of `X` and of the label stand side
by side in what is shuffled, so that pairs are kept, and even a look at single images with their
labels finds nothing wrong. And the generator is Python's global one, which no seed of NumPy's
reaches.

How many of 1000 rows are left in one epoch:

>>> random.seed(0)
>>> X, y = np.arange(1000.0)[:, None], np.arange(1000)
>>> epoch = minibatches(X, y, 100, rng=np.random.default_rng(0))
>>> len({label for _, labels in epoch for label in labels.tolist()})
510
"""

import random
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
    order = np.stack([np.arange(len(X)), np.arange(len(X))], axis=1)  # row of X, row of y
    random.shuffle(order)  # type: ignore[arg-type]  # BUG: swaps views, so rows are copied over
    cuts = (order[start : start + batch_size] for start in range(0, len(X), batch_size))
    return ((X[rows[:, 0]], y[rows[:, 1]]) for rows in cuts)


bug = Bug(
    replaces={"minibatches": minibatches},
    severity=Severity.WORSE,
    flagged_by=("batches_cover", "overfits_32_digits", "history_reported", "fit_replays"),
    right=r"rows $x_{\pi(1)}, \dots, x_{\pi(N)}$ with a permutation $\pi$",
    wrong=r"rows $x_{f(1)}, \dots, x_{f(N)}$ with $f$ a map that takes some value twice",
    symptom=(
        "Rows are missing and others repeated. Overfitting on a set that seems large enough, and "
        "a run that no seed repeats."
    ),
    preconditions="An array of two or more dimensions.",
    why_missed="Shape, dtype and pairs are kept, and a one-dimensional array is shuffled rightly.",
    fix="`rng.permutation(len(X))` as an index of both arrays, or `rng.shuffle(X)`.",
    origin=("mnielsen/neural-networks-and-deep-learning#50",),
    related=("GB175",),
)
