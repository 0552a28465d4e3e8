"""Adam's step counted once for every parameter.

Adam needs to know how many steps it has made. If its update is a method that is called once for
each array, or its counter stands inside the loop over arrays, a network of two layers counts four
for every step. The first array of the first step is corrected as it should be, the second as if
it had been through two steps, and the last as if through four.

Too large a $t$ means too little correction, of $m$ in the first ten steps and of $v$ in the first
thousand. So the steps are too short at first and then, with four parameters, up to twice too
long, by a factor that depends on a parameter's place in the list, as if each had a learning rate
of its own. It fades as $0.999^t$ does. Several frameworks have shipped it, and each of those
reports reads alike: move one line out of the loop.

Four parameters with the same gradient ought to make the same first step of one learning rate:

>>> params = {name: np.array([0.0]) for name in ("0.W", "0.b", "2.W", "2.b")}
>>> grads = {name: np.array([1.0]) for name in params}
>>> AdamCountingParameters(1.0).step(params, grads)
>>> {name: float(p[0].round(3)) for name, p in params.items()}
{'0.W': -1.0, '0.b': -0.744, '2.W': -0.639, '2.b': -0.581}
"""

from collections.abc import Mapping

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import Adam
from reference_mlp._arrays import Array, Params, require_same_shapes
from reference_mlp.optimisers import _remembered, _require_own


class AdamCountingParameters(Adam):
    n_steps = 0

    def step(self, params: Params, grads: Mapping[str, Array]) -> None:
        require_same_shapes(params, grads)
        _require_own(self.m, grads)
        for name, g in grads.items():
            self.n_steps += 1  # BUG: inside the loop, so it counts parameters
            t = self.n_steps
            m, v = _remembered(self.m, name, params), _remembered(self.v, name, params)
            m += (1 - self.beta1) * (g - m)
            v += (1 - self.beta2) * (g * g - v)
            c1, c2 = 1 - self.beta1**t, 1 - self.beta2**t
            rate = self.learning_rate * c2**0.5 / c1
            params[name] -= rate * m / (np.sqrt(v) + self.epsilon * c2**0.5)


bug = Bug(
    replaces={"adam": AdamCountingParameters},
    severity=Severity.WORSE,
    flagged_by=(
        "optimiser_rules",
        "optimiser_manners",
    ),
    right=r"$t \leftarrow t + 1$ once a step",
    wrong=r"$t \leftarrow t + 1$ once for each parameter of each step",
    symptom=(
        "Early steps differ by a parameter's place in the list, too short and then too long; "
        "the order of the parameters changes the result."
    ),
    preconditions="More than one parameter.",
    why_missed=(
        "A test of the optimiser on one array is exact, and the correction fades on any other."
    ),
    fix="Count before the loop, or for each parameter by its name.",
    origin=(
        "DiffSharp/DiffSharp#292",
        "flashlight/flashlight#143",
        "clab/dynet#77",
    ),
    related=(
        "GB080",
        "GB081",
    ),
)
