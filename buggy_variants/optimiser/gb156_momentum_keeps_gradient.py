r"""Velocity that is the caller's gradient.

In the first step the velocity is the gradient, so the gradient is kept as the velocity. Torch's
code does the same, and says `clone` there. Without the copy two owners have one array: from the
second step on the optimiser decays and adds to what the caller still calls the first gradient.

As long as every backward pass makes new arrays, nobody holds the old ones and all is well. A
network that fills one set of gradient buffers for life, which is a good way to save memory, hands
out the very array that has become the velocity. Each backward pass overwrites the velocity,
`v *= m` scales the new gradient along with it, and `v += g` doubles the two: the step is $2 m\,g$
for ever, without any memory. The buffer is changed as well, so that a norm of the gradient logged
after the step is of something else.

A constant gradient of 1 in one buffer. After two steps momentum should be at
$-0.1 - 0.19 = -0.29$, after three at $-0.561$:

>>> import numpy as np
>>> params, optimiser = {"0.b": np.array([0.0])}, MomentumKeepingGradient(0.1)
>>> buffer = np.empty(1)
>>> for _ in range(3):
...     buffer[:] = 1.0
...     optimiser.step(params, {"0.b": buffer})
>>> params["0.b"].round(3), buffer
(array([-0.46]), array([1.8]))
"""

from collections.abc import Mapping

from buggy_variants.bug import Bug, Severity
from reference_mlp import Momentum
from reference_mlp._arrays import Array, Params, require_same_shapes
from reference_mlp.optimisers import _require_own


class MomentumKeepingGradient(Momentum):
    def step(self, params: Params, grads: Mapping[str, Array]) -> None:
        require_same_shapes(params, grads)
        _require_own(self.velocity, grads)
        for name, g in grads.items():
            if name in self.velocity:
                v = self.velocity[name]
                v *= self.momentum
                v += g
            else:
                self.velocity[name] = g  # BUG: the caller's array, not a copy of it
            params[name] -= self.learning_rate * self.velocity[name]


bug = Bug(
    replaces={"momentum": MomentumKeepingGradient},
    severity=Severity.WRONG,
    flagged_by=("optimiser_manners",),
    right="$v_1 = g_1$, in an array of its own",
    wrong="$v_1$ is $g_1$, the caller's array",
    symptom=(
        "None with gradients in new arrays. With buffers that are used again, momentum has no "
        "memory, and gradients change during the step."
    ),
    preconditions="A caller who uses the array of a gradient after the first step.",
    why_missed=(
        "Trajectories are exact when each gradient is a new array, as in every test that "
        "computes them on the spot."
    ),
    fix="`self.velocity[name] = g.copy()`.",
    origin=("synthetic",),
    related=(
        "GB018",
        "GB150",
    ),
)
