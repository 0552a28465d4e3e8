r"""Variance passed as the standard deviation.

He's law is written $N(0, 2/n)$, and the second number in that notation is the variance. The second
argument of `rng.normal` is the standard deviation. Typing one into the other gives weights that
are too small by $\sqrt{n/2}$: five times with fifty inputs, twenty times with 784.

Signals fade from layer to layer by that factor, and the gradients with them. With one hidden layer
the network merely starts out nearly silent, all logits close to zero, and this is even the textbook
first loss, $\ln K$ to four digits, so the usual look at it finds nothing. Learning sets in with a
delay, as it does from `0.01 * randn`. Two or three layers more, and it doesn't set in at all
within the patience of whoever is waiting.

A test of the law with a layer of two inputs can't fail, for there $2/n$ is 1 and its own square
root. At other sizes:

>>> for n_in in (2, 50, 784):
...     W = he_normal(n_in, 2000, rng=np.random.default_rng(0))
...     print(n_in, float((W.std() / np.sqrt(2 / n_in)).round(2)))
2 1.0
50 0.2
784 0.05
"""

import numpy as np
from numpy.typing import DTypeLike

from buggy_variants.bug import Bug, Severity
from reference_mlp._arrays import Array


def he_normal(
    n_in: int, n_out: int, *, rng: np.random.Generator, dtype: DTypeLike = np.float64
) -> Array:
    return rng.normal(0, 2 / n_in, (n_in, n_out)).astype(dtype)  # BUG: normal takes the root of it


bug = Bug(
    replaces={"he_normal": he_normal},
    severity=Severity.WORSE,
    flagged_by=(
        "initial_law",
        "initial_spread",
    ),
    right=r"$\sigma = \sqrt{2 / n_{in}}$",
    wrong=r"$\sigma = 2 / n_{in}$",
    symptom=(
        "A first loss of exactly $\\ln K$, then a plateau, the longer the more layers there are."
    ),
    preconditions="More than two inputs; several layers to do real harm.",
    why_missed=(
        "The first loss is perfect, and a shallow network gets over it. Formula and code have the "
        "same two numbers in the same order."
    ),
    fix="`rng.normal(0, np.sqrt(2 / n_in), shape)`.",
    origin=("synthetic",),
    related=("GB071", "GB148"),
)
