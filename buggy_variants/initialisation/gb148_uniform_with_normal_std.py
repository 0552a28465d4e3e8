r"""Uniform weights with the bounds of a standard deviation.

Two laws share a variance, $2/(n_{in} + n_{out})$, and one formula, $\sqrt{2/(n_{in} + n_{out})}$,
gets used for both: as the standard deviation of the normal one, rightly, and as the bound of the
uniform one. The variance of $U(-a, a)$ is $a^2/3$, though, which is why Glorot's bound has a
6 in it and not a 2. Without the factor weights have a third of their variance.

Per layer the signal shrinks by $\sqrt 3$. A tanh network of two or three layers trains
as if nothing were the matter, a little more slowly at first. A relu network, where half of the
mean square is lost on the way already, keeps a sixth per layer.

The range of the weights, which one sees in a histogram, looks like the right number from the paper.
Their standard deviation is where the missing root of three turns up:

>>> W = glorot_uniform(300, 100, rng=np.random.default_rng(0))
>>> std = np.sqrt(2 / 400)
>>> float((abs(W).max() / std).round(3)), float((W.std() / std).round(3))
(1.0, 0.575)
"""

import numpy as np
from numpy.typing import DTypeLike

from buggy_variants.bug import Bug, Severity
from reference_mlp._arrays import Array


def glorot_uniform(
    n_in: int, n_out: int, *, rng: np.random.Generator, dtype: DTypeLike = np.float64
) -> Array:
    a = np.sqrt(2 / (n_in + n_out))  # BUG: a standard deviation; the bound is sqrt(3) times it
    return rng.uniform(-a, a, (n_in, n_out)).astype(dtype)


bug = Bug(
    replaces={"glorot_uniform": glorot_uniform},
    severity=Severity.WORSE,
    flagged_by=("initial_law",),
    right=r"$a = \sqrt{6 / (n_{in} + n_{out})}$",
    wrong=r"$a = \sqrt{2 / (n_{in} + n_{out})}$",
    symptom="Deep networks start more slowly than they should; shallow ones hardly differ.",
    preconditions="Several layers.",
    why_missed=(
        "All weights lie in a plausible range around zero, and the error is a constant that two "
        "layers don't mind."
    ),
    fix="$\\sqrt 3$ times the standard deviation, and a test of the variance, not of the range.",
    origin=("synthetic",),
    related=("GB147",),
)
