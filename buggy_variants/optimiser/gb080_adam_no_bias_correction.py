r"""Adam without the correction of its bias.

Adam's moments start at zero and are averages over ten and a thousand steps. After the first step
$m$ has a tenth of the gradient and $v$ a thousandth of its square, and two lines of the algorithm
divide that out again. They look like a refinement that only concerns the beginning, and are left
out.

The two biases don't cancel. The root of $v$ is too small by $\sqrt{0.001}$ while $m$ is too small
by 0.1, so the first step is $0.1 / \sqrt{0.001} = 3.16$ times the learning rate. The error then
grows before it fades: around the tenth step it is above six, and it takes some thousand steps to
be gone. A run without a warm-up starts with its largest steps, at the point where the gradients
are worst.

Under a constant gradient every step of Adam should be one learning rate long. Here it is:

>>> params, optimiser = {"0.b": np.array([0.0])}, AdamUncorrected(1.0)
>>> places = [0.0]
>>> for _ in range(1000):
...     optimiser.step(params, {"0.b": np.array([1.0])})
...     places.append(float(params["0.b"][0]))
>>> np.diff(places)[[0, 9, 99, 999]].round(2)
array([-3.16, -6.53, -3.24, -1.26])
"""

from collections.abc import Mapping

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import Adam
from reference_mlp._arrays import Array, Params, require_same_shapes
from reference_mlp.optimisers import _remembered, _require_own


class AdamUncorrected(Adam):
    def step(self, params: Params, grads: Mapping[str, Array]) -> None:
        require_same_shapes(params, grads)
        _require_own(self.m, grads)
        for name, g in grads.items():
            m, v = _remembered(self.m, name, params), _remembered(self.v, name, params)
            m += (1 - self.beta1) * (g - m)
            v += (1 - self.beta2) * (g * g - v)
            step = m / (np.sqrt(v) + self.epsilon)  # BUG: of m and v as they are, near 0 at first
            params[name] -= self.learning_rate * step


bug = Bug(
    replaces={"adam": AdamUncorrected},
    severity=Severity.WORSE,
    flagged_by=("optimiser_rules",),
    right=(
        r"$\theta \leftarrow \theta - \eta\,\dfrac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - "
        r"\beta_2^t)} + \epsilon}$"
    ),
    wrong=r"$\theta \leftarrow \theta - \eta\,\dfrac{m}{\sqrt{v} + \epsilon}$",
    symptom=(
        "The first hundred steps are several times too long; a learning rate that works "
        "elsewhere is too large here."
    ),
    preconditions="Fewer steps so far than a few times 1 / (1 - beta2).",
    why_missed=(
        "After some thousand steps the rule is right, and the steps before it still go downhill."
    ),
    fix="Count the steps and divide both moments by 1 - beta^t.",
    origin=(
        "EurekaLabsAI/micrograd#2",
        "oxiglade/mlx-rs#301",
    ),
    related=(
        "GB081",
        "GB083",
    ),
)
