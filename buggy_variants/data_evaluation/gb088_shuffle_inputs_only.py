r"""Inputs shuffled, labels not.

Two arrays that belong together have to be shuffled together. `X = X[rng.permutation(len(X))]` at
the top of an epoch is half of it, and the other half is a line that is easily lost when labels are
prepared elsewhere, or when the shuffle was added afterwards to a loop that went through the rows
in order. From then on each row carries the label of some other row.

A network can't learn from labels that are independent of their inputs, and yet training seems to
get somewhere. The loss falls from its first value to the entropy of the labels, ln 10 = 2.303 for
ten equal classes, since the best answer is the frequency of each class whatever the input. With
few rows and many epochs, were the pairing wrong once and for all, the network would learn the
wrong pairs by heart. Here they change from epoch to epoch and it can't even do that.

Every array passes any inspection by itself: shapes and dtypes, the histogram of the labels and
the images are all as they should be.

Ten rows that carry their own label, in one batch; two of ten still agree, by accident:

>>> X, y = np.arange(10.0)[:, None], np.arange(10)
>>> [(rows, labels)] = minibatches(X, y, 10, rng=np.random.default_rng(0))
>>> rows[:, 0].astype(int).tolist()
[4, 6, 2, 7, 3, 5, 9, 0, 8, 1]
>>> labels.tolist()
[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
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
    X = X[rng.permutation(len(X))]  # BUG: and y stays in its order
    cuts = (slice(start, start + batch_size) for start in range(0, len(X), batch_size))
    return ((X[rows], y[rows]) for rows in cuts)


bug = Bug(
    replaces={"minibatches": minibatches},
    severity=Severity.WRONG,
    flagged_by=("batches_cover", "overfits_32_digits", "convergence", "history_reported"),
    right=r"batches of $(x_{\pi(i)}, y_{\pi(i)})$",
    wrong=r"batches of $(x_{\pi(i)}, y_i)$",
    symptom=(
        "The loss falls to the entropy of the labels, $\\ln K$ for equal classes, and stays; "
        "accuracy is $1/K$."
    ),
    preconditions="None; a batch size of None, all rows at once, escapes.",
    why_missed=(
        "Gradients are right for the pairs that are given. A test of the shapes of a batch, or "
        "that every row occurs once in `X` and once in `y`, passes."
    ),
    fix="One permutation that indexes both arrays.",
    origin=("udacity/sdc-issue-reports#1326", "DrexelChatbotGroup/DrexelChatbot#15"),
    related=("GB173",),
)
