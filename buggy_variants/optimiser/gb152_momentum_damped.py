r"""Momentum whose gradients are damped.

Two definitions go by one name. Polyak's velocity adds up gradients, $v = m v - \eta g$, and grows
to $1 / (1 - m)$ times a single one. The other averages them, $v = m v - (1 - m)\,\eta g$, as
Adam's first moment does, and stays at the size of a gradient. Courses teach either, Lua Torch's
default was the second, and MLX had it once.

For a fixed $m$ they are the same optimiser at learning rates that differ by $1 - m$, so neither
is wrong. What goes wrong is moving numbers between them. A rate of 0.1 with $m = 0.9$ from a
paper becomes one of 0.01, training seems to stall, and "momentum hurts". Changing $m$ then
changes the speed in one convention and not in the other, so a schedule of the momentum can't be
carried over by any constant.

Under a constant gradient, after a hundred steps at the same settings:

>>> import numpy as np
>>> def distance(optimiser):
...     params = {"0.b": np.array([0.0])}
...     for _ in range(100):
...         optimiser.step(params, {"0.b": np.array([1.0])})
...     return float(params["0.b"][0].round(2))
>>> distance(Momentum(0.1)), distance(MomentumDamped(0.1))
(-91.0, -9.1)
"""

from collections.abc import Mapping

from buggy_variants.bug import Bug, Severity, Status
from reference_mlp import Momentum
from reference_mlp._arrays import Array, Params, require_same_shapes
from reference_mlp.optimisers import _remembered, _require_own


class MomentumDamped(Momentum):
    def step(self, params: Params, grads: Mapping[str, Array]) -> None:
        require_same_shapes(params, grads)
        _require_own(self.velocity, grads)
        for name, g in grads.items():
            v = _remembered(self.velocity, name, params)
            v *= self.momentum
            v -= (1 - self.momentum) * self.learning_rate * g  # BUG: ten times less at m = 0.9
            params[name] += v


bug = Bug(
    replaces={"momentum": MomentumDamped},
    severity=Severity.WORSE,
    flagged_by=("optimiser_rules",),
    right=r"$v \leftarrow m\,v - \eta\,g$",
    wrong=r"$v \leftarrow m\,v - (1 - m)\,\eta\,g$",
    symptom=("Learning is slower by 1 / (1 - m) than the same settings give elsewhere."),
    preconditions="Momentum other than 0.",
    why_missed="It is a right optimiser, at another learning rate.",
    fix=("Leave the factor out, or say which convention is meant and scale the learning rate."),
    origin=(
        "torch/optim#163",
        "ml-explore/mlx#87",
    ),
    related=("GB079",),
    status=Status.CONTRACT,
    context=(
        "Right by itself, and the same as Polyak's at a learning rate of 1 / (1 - m) times as "
        "much. It bites where a learning rate or a schedule of the momentum comes from code "
        "with the other convention."
    ),
)
