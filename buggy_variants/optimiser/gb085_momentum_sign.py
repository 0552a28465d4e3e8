r"""Momentum with its sign turned.

There are two ways to write momentum. Either the velocity points where the parameters go,
$v = m v - \eta g$ and $\theta + v$, or it points where the gradients do, $v = m v + \eta g$ and
$\theta - v$. Taking the first line of one and the second of the other makes a sign error that
somebody repairs until the loss falls. One repair too few leaves $v = \eta g - m v$ with
$\theta - v$: the gradient comes in with the right sign, the past with the wrong one.

Each step now takes back 90% of the one before. Under a steady gradient the velocity tends to
$\eta g / (1 + m)$ and not to $\eta g / (1 - m)$, nineteen times less at $m = 0.9$, and about half
of what plain gradient descent would do. It is still descent, and even a steady one. So the
network learns, and momentum seems to be a way to slow it down.

After a hundred steps under a constant gradient, the right rule and this one are at

>>> import numpy as np
>>> def distance(optimiser):
...     params = {"0.b": np.array([0.0])}
...     for _ in range(100):
...         optimiser.step(params, {"0.b": np.array([1.0])})
...     return float(params["0.b"][0].round(2))
>>> distance(Momentum(0.1)), distance(MomentumTurned(0.1))
(-91.0, -5.29)
"""

from collections.abc import Mapping

from buggy_variants.bug import Bug, Severity
from reference_mlp import Momentum
from reference_mlp._arrays import Array, Params, require_same_shapes
from reference_mlp.optimisers import _remembered, _require_own


class MomentumTurned(Momentum):
    def step(self, params: Params, grads: Mapping[str, Array]) -> None:
        require_same_shapes(params, grads)
        _require_own(self.velocity, grads)
        for name, g in grads.items():
            v = _remembered(self.velocity, name, params)
            v *= -self.momentum  # BUG: plus, as this v is taken off
            v += self.learning_rate * g
            params[name] -= v


bug = Bug(
    replaces={"momentum": MomentumTurned},
    severity=Severity.WORSE,
    flagged_by=("optimiser_rules",),
    right=r"$v \leftarrow m\,v - \eta\,g, \quad \theta \leftarrow \theta + v$",
    wrong=r"$v \leftarrow -m\,v + \eta\,g, \quad \theta \leftarrow \theta - v$",
    symptom=(
        "The larger the momentum, the slower it learns. Parameters zigzag by a little from "
        "step to step."
    ),
    preconditions="A second step.",
    why_missed="The loss falls, and the first step is exact.",
    fix=("One convention throughout: `v = m * v - learning_rate * g`, then `p += v`."),
    origin=("synthetic",),
    related=("GB079",),
)
