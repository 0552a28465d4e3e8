r"""Last batch dropped.

`n_batches = n_samples // batch_size` rounds down, and so the rows that don't fill a batch are left
out. Often that is meant: frameworks offer it as `drop_last`, because a batch of one row is noisy
and batch normalisation can't use it. Behind a fresh shuffle each epoch leaves out other rows, and
little is lost.

It becomes a bug by what it is combined with. Without a shuffle the same rows are left out every
epoch, as in the notebook, whose data "are already shuffled": the last 16 are never trained on. In
an evaluation the rows that are left out are simply not scored. And if there are fewer rows than
one batch, there are no batches at all: the epoch runs through, takes no time and changes nothing,
and the mean of no losses is NaN or a division by zero.

The shuffle is right here, and still training costs rows: 5 of 53 each epoch at a batch size of 8.

How many of 53 rows come, for batch sizes of 8, 32 and 64:

>>> X, y = np.zeros((53, 2)), np.arange(53)
>>> def count(size):
...     return sum(len(rows) for rows, _ in minibatches(X, y, size, rng=np.random.default_rng(0)))
>>> [count(8), count(32), count(64)]
[48, 32, 0]
"""

from collections.abc import Iterator

import numpy as np

from buggy_variants.bug import Bug, Form, Severity
from reference_mlp._arrays import Array, require_count, require_pairs


def minibatches(
    X: Array, y: Array, batch_size: int | None, *, rng: np.random.Generator
) -> Iterator[tuple[Array, Array]]:
    require_pairs(X, y)
    if batch_size is None:
        return iter([(X, y)])
    batch_size = require_count("batch_size", batch_size)
    order = rng.permutation(len(X))
    n_batches = len(X) // batch_size  # BUG: rounded down, the rest of the rows never comes
    cuts = (order[i * batch_size : (i + 1) * batch_size] for i in range(n_batches))
    return ((X[rows], y[rows]) for rows in cuts)


def in_order(
    X: Array, y: Array, batch_size: int | None, *, rng: np.random.Generator
) -> Iterator[tuple[Array, Array]]:
    size = batch_size or len(X)
    starts = (i * size for i in range(len(X) // size))
    return ((X[start : start + size], y[start : start + size]) for start in starts)


bug = Bug(
    replaces={"minibatches": minibatches},
    severity=Severity.WORSE,
    flagged_by=("batches_cover", "history_reported"),
    right=r"$\lceil N / B \rceil$ batches",
    wrong=r"$\lfloor N / B \rfloor$ batches",
    symptom=(
        "Fewer rows than there are; without a shuffle always the same ones are missing. A batch "
        "size above the number of rows trains nothing."
    ),
    preconditions="A number of rows that is no multiple of the batch size.",
    why_missed="60,000 rows are a multiple of 10, 32, 50, 100 and 200.",
    fix="`range(0, len(X), batch_size)`, whose last slice is smaller.",
    origin=("notebook 002, line 360", "notebook 000, line 100: latent"),
    related=("GB090",),
    also=(Form({"minibatches": in_order}, "in the order of the rows"),),
)
