r"""Clipping that scales small gradients up.

`g *= max_norm / norm` is the heart of clipping by the norm, and it only applies `if norm >
max_norm`. Without the condition every gradient leaves with a norm of exactly `max_norm`, the
small ones too.

The explosions are gone, as was intended. But steps no longer get shorter near a minimum, where the
gradient goes to zero and its shortness is what brings descent to rest. With a constant
learning rate the parameters now circle the minimum at a distance of about `rate * max_norm`,
for ever; noise at the end of training is blown up to full size, and a gradient of exactly 0 is
divided by 0. It is a method of its own, normalised gradient descent, and needs a learning rate that
falls. Early training goes very well, which is when people look.

On $\theta^2 / 2$, from 1.05, descent at a rate of 0.1 gets arbitrarily close to 0. Normalised, it
ends up jumping over it:

>>> theta, path = {"b": np.array([1.05])}, []
>>> for _ in range(14):
...     g = clip_norm({"b": theta["b"].copy()}, 1.0)
...     theta["b"] -= 0.1 * g["b"]
...     path.append(round(float(theta["b"][0]), 2))
>>> path[-4:]
[-0.05, 0.05, -0.05, 0.05]
"""

from collections.abc import Mapping

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp._arrays import Array, Params, require_positive


def clip_norm(grads: Mapping[str, Array], max_norm: float) -> Params:
    max_norm = float(require_positive("max_norm", max_norm))
    # Scaled by the largest entry: the square of 1e300 is infinite, that of 1e-300 is 0.
    largest = max(float(np.abs(g).max()) for g in grads.values())
    scaled = {name: g / largest for name, g in grads.items()}
    norm = float(np.sqrt(sum(np.square(s, dtype=np.float64).sum() for s in scaled.values())))
    factor = max_norm / norm  # BUG: only where the norm exceeds max_norm
    return {name: s * factor for name, s in scaled.items()}


bug = Bug(
    replaces={"clip_norm": clip_norm},
    severity=Severity.WORSE,
    flagged_by=("clipped_norm",),
    right=r"$g \leftarrow g \cdot \min\bigl(1, c / \lVert g \rVert\bigr)$",
    wrong=r"$g \leftarrow g \cdot c / \lVert g \rVert$",
    symptom="The loss falls fast and then hovers; steps don't shrink near the minimum.",
    preconditions="A gradient whose norm is below the limit.",
    why_missed="A test with a large gradient finds the norm exactly at the limit, as it should be.",
    fix="Scale only where `norm > max_norm`.",
    origin=("synthetic",),
    related=("GB052",),
)
