r"""Order drawn from the global generator.

A generator is passed down through every function, and one line at the bottom calls
`np.random.permutation` all the same, from habit or out of an older file. It works: the order is
random, each epoch has another, every row comes once.

Only it doesn't come from the generator that was passed. Two runs of the same seed have different
orders and so different weights, and "seed 3 is the good one" can't be repeated by anybody. With
`np.random.seed(0)` at the top of the script it can, until an import draws a number first, a plot
with jitter is added, or tests run in another order. Anything that happens to draw from the shared
stream shifts all that follows it.

And it works both ways. What training takes from the global stream is missing elsewhere: one more
epoch changes the split of a data set three functions later. Such effects at a distance are what
explicit generators are for, and a single line is enough to undo them.

The first batch of two epochs, drawn with the same seed:

>>> np.random.seed(0)
>>> X, y = np.zeros((100, 1)), np.arange(100)
>>> for _ in range(2):
...     print(next(minibatches(X, y, 5, rng=np.random.default_rng(7)))[1])
[26 86  2 55 75]
[18 29 64 92 72]
"""

import random
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
    order = np.random.permutation(len(X))  # BUG: the global generator, not the one passed
    cuts = (order[start : start + batch_size] for start in range(0, len(X), batch_size))
    return ((X[rows], y[rows]) for rows in cuts)


def minibatches_of_a_list(
    X: Array, y: Array, batch_size: int | None, *, rng: np.random.Generator
) -> Iterator[tuple[Array, Array]]:
    batch_size = batch_size or len(X)
    order = list(range(len(X)))
    random.shuffle(order)  # Python's own, which no seed of NumPy's reaches
    cuts = (order[start : start + batch_size] for start in range(0, len(X), batch_size))
    return ((X[rows], y[rows]) for rows in cuts)


bug = Bug(
    replaces={"minibatches": minibatches},
    severity=Severity.WORSE,
    flagged_by=("batches_cover", "fit_replays"),
    right=r"$\pi_t$ from the stream of the generator passed",
    wrong=r"$\pi_t$ from a stream that the whole process shares",
    symptom="A run can't be repeated from its seed.",
    preconditions="More than one batch in an epoch.",
    why_missed="The shuffle is a good one, and no single run looks wrong.",
    fix="`rng.permutation(len(X))`.",
    origin=("synthetic", "notebook 003, lines 151-160: unseeded"),
    related=("GB089", "GB174"),
    also=(Form({"minibatches": minibatches_of_a_list}, "by Python's own `random.shuffle`"),),
)
