r"""Weights from the global generator.

The function takes a generator, as it should, and then calls `np.random.normal` as it always did.
The argument is there for show. It isn't missed, because weights are random either way.

What is lost is the seed. A run can't be repeated, a failing test passes when it is run again, and
two settings that are compared under "the same seed" start from different weights, so that luck
gets mixed into the comparison. Calling `np.random.seed` on top seems to mend it. It also ties the
weights to everything else that draws from the global state: a plot with jitter, a shuffle in the
data loader, a library that sets a seed of its own on import. Worker processes that are forked
inherit the state and all start from the same weights.

A law test is content with such weights. Asking twice with the same seed isn't:

>>> one = he_normal(3, 3, rng=np.random.default_rng(0))
>>> two = he_normal(3, 3, rng=np.random.default_rng(0))
>>> np.array_equal(one, two)
False
"""

import numpy as np
from numpy.typing import DTypeLike

from buggy_variants.bug import Bug, Form, Severity
from reference_mlp._arrays import Array


def he_normal(
    n_in: int, n_out: int, *, rng: np.random.Generator, dtype: DTypeLike = np.float64
) -> Array:
    # BUG: whatever the state of NumPy's own generator is, `rng` isn't asked
    W = np.random.normal(0, np.sqrt(2 / n_in), (n_in, n_out))
    return W.astype(dtype)


def glorot_normal(
    n_in: int, n_out: int, *, rng: np.random.Generator, dtype: DTypeLike = np.float64
) -> Array:
    W = np.random.normal(0, np.sqrt(2 / (n_in + n_out)), (n_in, n_out))
    return W.astype(dtype)


bug = Bug(
    replaces={"he_normal": he_normal},
    severity=Severity.WRONG,
    flagged_by=(
        "initial_draws",
        "fit_replays",
    ),
    right="the same `rng` state, the same weights",
    wrong="other weights at each call, whatever `rng` is",
    symptom="The same seed gives another run each time, by a point of accuracy or so.",
    preconditions="Somebody who wants to see a run again.",
    why_missed="Weights have the right law. A single run can't show that it wouldn't come again.",
    fix="`rng.normal(...)`, and no call of `np.random.*` functions anywhere.",
    origin=("notebook 000, lines 18 and 19: unseeded", "notebook 003, line 37: unseeded"),
    related=("GB074",),
    also=(Form({"glorot_normal": glorot_normal}, "by Glorot's law"),),
)
