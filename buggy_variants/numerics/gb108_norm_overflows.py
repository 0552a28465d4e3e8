r"""Norm whose squares overflow.

Gradients are clipped by their norm to survive the one batch that would throw the weights away, a
batch with an enormous gradient. The norm is the square root of a sum of squares, and it is the
squares that have to be represented: in float32 they are infinite from an entry of $1.8 \cdot
10^{19}$ on, in float16 from 256. The norm is then infinity, the scale `max_norm / norm` is 0, and
so the clipped gradients are all exactly 0.

The safety device has switched itself off in the very case it was made for, and does it without a
trace: the step does nothing, the loss stays finite, and no NaN is ever seen. If the weights are
such that every batch has gradients of this size, the network doesn't move again. In
mixed-precision training, where a loss scale of 65,536 multiplies all gradients and 256 is not
much, several projects have had it, and one of them met it as a sudden drop in performance.

At the other end a gradient of $10^{-30}$ has a norm of 0, but such a one needs no clipping.

Scaling by the largest entry before squaring costs one more pass:

>>> grads = {"0.W": np.array([3e19, 4e19], np.float32)}
>>> with np.errstate(over="ignore"):
...     clip_norm(grads, 1.0)
{'0.W': array([0., 0.], dtype=float32)}
>>> from reference_mlp import clip_norm as right
>>> right(grads, 1.0)
{'0.W': array([0.6, 0.8], dtype=float32)}
"""

from collections.abc import Mapping

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp._arrays import Array, Params, require_positive


def clip_norm(grads: Mapping[str, Array], max_norm: float) -> Params:
    max_norm = float(require_positive("max_norm", max_norm))
    for name, g in grads.items():
        if not np.isfinite(g).all():
            msg = f"grads[{name!r}] of shape {g.shape} is not finite, expected finite numbers"
            raise FloatingPointError(msg)
    norm = float(np.sqrt(sum((g * g).sum() for g in grads.values())))  # BUG: squares overflow
    if norm <= max_norm:
        return dict(grads)
    return {name: g * (max_norm / norm) for name, g in grads.items()}


bug = Bug(
    replaces={"clip_norm": clip_norm},
    severity=Severity.WRONG,
    flagged_by=("clipped_norm",),
    right=r"$\lVert g \rVert = m \sqrt{\sum_i (g_i / m)^2}, \quad m = \max_i |g_i|$",
    wrong=r"$\lVert g \rVert = \sqrt{\sum_i g_i^2}$, infinite from $|g_i| = 1.8 \cdot 10^{19}$ on",
    symptom=(
        "Clipped gradients are all 0, and the weights stop moving while the loss is large. NumPy "
        "warns once of an overflow in `multiply`."
    ),
    preconditions=(
        "A gradient beyond $1.8 \\cdot 10^{19}$ in float32, $1.3 \\cdot 10^{154}$ in float64, or "
        "256 in float16."
    ),
    why_missed=(
        "Tests of clipping use gradients like 3 and 4. In ordinary training the norm is between "
        "0.1 and 100, and the two formulas agree."
    ),
    fix="Divide by the largest entry before squaring, or take the squares in a wider dtype.",
    origin=(
        "facebookresearch/fairscale#263",
        "tracel-ai/burn#5699",
        "danijar/dreamer#32",
    ),
    related=("GB129",),
)
