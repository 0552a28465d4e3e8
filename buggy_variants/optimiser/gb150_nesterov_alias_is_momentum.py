r"""Nesterov's look-ahead lost in an alias.

Course notes give Nesterov's momentum as four lines: keep the old velocity, update it, and move by
$(1 + m)\,v - m\,v_{old}$. As formulas they are right. As NumPy they hang on whether `v *= m`
makes a new array or changes the old one. In place, `before` is only a second name for `v`, the
two terms combine to $(1 + m)\,v - m\,v = v$, and the update is plain momentum, exactly.

Plain momentum is a good optimiser. Nothing gets worse, except that the comparison in one's
report, Nesterov against momentum, shows two curves that lie on top of each other to the last
digit or so. Written for single floats the same four lines are right, since `v *= m` rebinds a
float; so a test on one number passes, and the arrays fail.

From rest, under a constant gradient of 1, Nesterov's first step is $1 + m$ learning rates long
and that of momentum one:

>>> import numpy as np
>>> def first_step(optimiser):
...     params = {"0.b": np.array([0.0])}
...     optimiser.step(params, {"0.b": np.array([1.0])})
...     return float(params["0.b"][0].round(3))
>>> first_step(Nesterov(0.1)), first_step(NesterovAliased(0.1))
(-0.19, -0.1)
"""

from collections.abc import Mapping

from buggy_variants.bug import Bug, Severity
from reference_mlp import Nesterov
from reference_mlp._arrays import Array, Params, require_same_shapes
from reference_mlp.optimisers import _remembered, _require_own


class NesterovAliased(Nesterov):
    def step(self, params: Params, grads: Mapping[str, Array]) -> None:
        require_same_shapes(params, grads)
        _require_own(self.velocity, grads)
        for name, g in grads.items():
            v = _remembered(self.velocity, name, params)
            before = v  # BUG: the same array, which the next line changes
            v *= self.momentum
            v -= self.learning_rate * g
            params[name] += (1 + self.momentum) * v - self.momentum * before


bug = Bug(
    replaces={"nesterov": NesterovAliased},
    severity=Severity.WORSE,
    flagged_by=("optimiser_rules",),
    right=(r"$\theta \leftarrow \theta + (1 + m)\,v' - m\,v$ with $v' = m\,v - \eta\,g$"),
    wrong=r"$\theta \leftarrow \theta + (1 + m)\,v' - m\,v' = \theta + v'$",
    symptom="Nesterov and momentum give the same curve.",
    preconditions="Velocities that are arrays, updated in place.",
    why_missed="It is a right implementation of another optimiser.",
    fix=(
        "`before = v.copy()`, or move by `m * v - learning_rate * g`, which needs no old velocity."
    ),
    origin=("synthetic",),
    related=("GB151",),
)
