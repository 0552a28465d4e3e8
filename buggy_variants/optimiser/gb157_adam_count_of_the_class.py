"""Adam's step count kept by the class.

A name that is bound in the body of a class belongs to the class. For a number that makes no
difference, since `self.t += 1` binds a new one on the instance. For a dict or a list it does:
`self.counts[name] = 1` changes the one object that all instances read. A linter warns of it
(RUF012) and proposes `ClassVar`, which silences the warning by declaring the mistake to be the
intention.

The first optimiser of a program is exact. The second one, for the second fold, the next seed or
the other network of a pair, begins with fresh moments and an old count, so its moments are hardly
corrected, and its early steps are several times too long. The result of a run depends on what ran
before it in the same process. Rerun alone, to look into it, the run is right.

The first optimiser's first step, and the first step of the next one after a thousand of the
first:

>>> AdamCountingForAll.counts.clear()  # as in a new process
>>> places = []
>>> for n_steps in (1, 1000, 1):
...     params, optimiser = {"doctest": np.array([0.0])}, AdamCountingForAll(1.0)
...     for _ in range(n_steps):
...         optimiser.step(params, {"doctest": np.array([1.0])})
...     places.append(float(params["doctest"][0].round(2)))
>>> places[0], places[2]
(-1.0, -2.52)
"""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import Adam
from reference_mlp._arrays import Array, Params, require_same_shapes
from reference_mlp.optimisers import _remembered, _require_own


class AdamCountingForAll(Adam):
    counts: ClassVar[dict[str, int]] = {}

    def step(self, params: Params, grads: Mapping[str, Array]) -> None:
        require_same_shapes(params, grads)
        _require_own(self.m, grads)
        for name, g in grads.items():
            t = self.counts.get(name, 0) + 1
            self.counts[name] = t  # BUG: into the class's dict, which all instances read
            m, v = _remembered(self.m, name, params), _remembered(self.v, name, params)
            m += (1 - self.beta1) * (g - m)
            v += (1 - self.beta2) * (g * g - v)
            c1, c2 = 1 - self.beta1**t, 1 - self.beta2**t
            rate = self.learning_rate * c2**0.5 / c1
            params[name] -= rate * m / (np.sqrt(v) + self.epsilon * c2**0.5)


bug = Bug(
    replaces={"adam": AdamCountingForAll},
    severity=Severity.WORSE,
    flagged_by=(
        "optimiser_rules",
        "optimiser_manners",
    ),
    right="$t$ is the number of steps of this optimiser",
    wrong="$t$ is the number of steps of all optimisers so far",
    symptom=(
        "The second training run of a process differs from the same run in a new process: "
        "longer steps at the start."
    ),
    preconditions=("Two optimisers of the class in one process, for parameters of the same names."),
    why_missed="A test that makes one optimiser is exact, if it comes first.",
    fix="Make the dict in `__init__`.",
    origin=("synthetic",),
    related=(
        "GB078",
        "GB080",
    ),
)
