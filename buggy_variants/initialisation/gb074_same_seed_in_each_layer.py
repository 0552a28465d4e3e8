r"""A generator anew for each layer.

Reproducible runs are wanted, so the seed is handed down, and each layer makes its generator from
it. The runs are reproducible. The layers are, too: each draws the same numbers from the start.

Two hidden layers of one width begin with the same matrix, up to its scale, and layers of
different widths with the same numbers broken into rows of another length. Every derivation of a
scale for initial weights assumes that layers are independent of each other, and here each is a
function of the first. In a perceptron this may go unpunished. Where two parts of one
shape are fed alike, as two heads on one trunk or the members of an ensemble are, it is the same
mistake as a constant: they are copies, they get the same gradients, and they remain copies.

The law of each matrix by itself is perfect, mean, variance and all, so that no test of one layer at
a time can object. It takes two, and they needn't be of one shape:

>>> rng = np.random.default_rng(7)
>>> one, two = he_normal(4, 4, rng=rng), he_normal(4, 2, rng=rng)
>>> np.array_equal(one.ravel()[:8], two.ravel())
True
"""

from typing import cast

import numpy as np
from numpy.typing import DTypeLike

from buggy_variants.bug import Bug, Severity
from reference_mlp._arrays import Array


def he_normal(
    n_in: int, n_out: int, *, rng: np.random.Generator, dtype: DTypeLike = np.float64
) -> Array:
    seed = cast("np.random.SeedSequence", rng.bit_generator.seed_seq)
    rng = np.random.default_rng(seed)  # BUG: every layer starts over
    return rng.normal(0, np.sqrt(2 / n_in), (n_in, n_out)).astype(dtype)


bug = Bug(
    replaces={"he_normal": he_normal},
    severity=Severity.WRONG,
    flagged_by=(
        "initial_draws",
        "initial_network",
    ),
    right="independent draws for each layer, one generator for all",
    wrong="the same draws for each layer, scaled",
    symptom="Hidden layers of equal width have equal weights before training.",
    preconditions="Two layers that are drawn.",
    why_missed=(
        "Each layer by itself has the right law, and learning curves of shallow networks don't "
        "show it."
    ),
    fix="Pass one `Generator` through all layers, or `spawn` one for each.",
    origin=("synthetic",),
    related=("GB070", "GB136"),
)
