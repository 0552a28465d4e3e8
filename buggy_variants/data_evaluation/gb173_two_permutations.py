r"""Split with a permutation for each array.

`X = rng.permutation(X)` and `y = rng.permutation(y)`, one below the other, read as if the
generator had been told to shuffle the data. It is a stream: the second call goes on where
the first stopped, and draws another order. The older form, in which `np.random.seed(0)` is set
before each of two calls of `np.random.shuffle`, keeps the pairs as long as both arrays have the
same length and nobody removes the second seed, which looks redundant.

Once done to the raw data, it can't be repaired later: both parts of the split carry labels of
other rows, fixed for good. That makes the symptom differ from that of a bad shuffle in every
epoch. A network of enough weights learns the wrong labels by heart, and the training loss goes to
0. Only the validation set, with labels just as random, shows chance, and so the diagnosis is
overfitting. Remedies against that raise the training loss to $\ln K$, and that is where it ends.

Eight rows that are their own labels, of which two are held out:

>>> X, y = np.arange(8.0)[:, None], np.arange(8)
>>> train, valid = split(X, y, 0.25, rng=np.random.default_rng(0))
>>> train[0].ravel().astype(int).tolist(), train[1].tolist()
([2, 4, 3, 6, 5, 0], [6, 2, 7, 4, 5, 1])
"""

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp._arrays import Array, require_pairs


def split(
    X: Array, y: Array, fraction: float, *, rng: np.random.Generator
) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    require_pairs(X, y)
    n_second = round(fraction * len(X)) if np.isfinite(fraction) else 0
    if not 0 < n_second < len(X):
        msg = f"fraction is {fraction}, expected one that leaves rows in both parts of {len(X)}"
        raise ValueError(msg)
    X = rng.permutation(X)
    y = rng.permutation(y)  # BUG: the next permutation of the stream, not the same one
    return (X[:-n_second], y[:-n_second]), (X[-n_second:], y[-n_second:])


bug = Bug(
    replaces={"split": split},
    severity=Severity.WRONG,
    flagged_by=("split_parts",),
    right=r"$(x_{\pi(i)}, y_{\pi(i)})$",
    wrong=r"$(x_{\pi(i)}, y_{\rho(i)})$",
    symptom=(
        "The training loss can go to 0 while validation accuracy is $1/K$: the wrong labels are "
        "learned by heart."
    ),
    preconditions="None.",
    why_missed="Sizes are right and each array by itself has every row once.",
    fix="`order = rng.permutation(len(X))`, then `X[order]` and `y[order]`.",
    origin=("synthetic",),
    related=("GB088", "GB172"),
)
