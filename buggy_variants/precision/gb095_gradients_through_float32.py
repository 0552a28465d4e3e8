r"""Gradients sent through float32.

The parameters are float64 and so are the gradients that come back. On their way they have passed
through float32, because the buffer that they were collected in was made that way, or because they
travel between processes in half the bytes, a standard saving in data-parallel training. The
`astype` at the end restores the dtype and none of the digits: after the 24th, every bit is 0.

For training by minibatches that is quite enough, since the noise of the batch is a hundred
thousand times larger. It isn't for what float64 was chosen for. L-BFGS and other second-order
methods build curvature from differences of gradients and find noise; a run that ought to
reproduce another to the last digit doesn't; an optimisation that should end at a gradient of
$10^{-12}$ ends at $10^{-8}$.

No dtype gives it away. A gradient check with the customary tolerance of $10^{-5}$ or $10^{-7}$
passes, and so it is one of the few in this catalog that all sixteen plain checks of a first
survey let through. One can see it with the naked eye all the same, if one knows where to look: a
true float64 has a one-in-$2^{29}$ chance of being a float32.

>>> from reference_mlp import mlp
>>> rng = np.random.default_rng(0)
>>> net = mlp((3, 4, 2), rng=rng, network=Float32Gradients)
>>> g = net.gradients(rng.normal(size=(5, 3)), np.array([0, 1, 1, 0, 1]))["0.W"]
>>> g.dtype, bool((g == g.astype(np.float32)).all())
(dtype('float64'), True)
"""

from typing import Any

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import Network, Tape
from reference_mlp._arrays import Array, Params


class Float32Gradients(Network):
    def backward(self, tape: Tape, y: Array) -> tuple[Params, Array]:
        grads, dX = super().backward(tape, y)
        buffers: dict[str, Any] = {name: np.empty(g.shape, np.float32) for name, g in grads.items()}
        for name, g in grads.items():
            buffers[name][...] = g  # BUG: 29 bits are left behind
        return {name: b.astype(self.dtype) for name, b in buffers.items()}, dX


bug = Bug(
    replaces={"network": Float32Gradients},
    severity=Severity.WORSE,
    flagged_by=(
        "certified_gradients",
        "per_sample",
        "batch_cut",
        "cross_precision",
    ),
    right=r"$g \in$ float64, with a relative error of about $10^{-16}$",
    wrong=r"$g \in$ float32, with a relative error of about $6 \cdot 10^{-8}$, written as float64",
    symptom=(
        "None in training. Second-order methods stall near a gradient of $10^{-8}$, and gradient "
        "checks have to be given looser tolerances than float64 should need."
    ),
    preconditions="A float64 network. In float32 there is nothing to lose.",
    why_missed=(
        "A relative error of $6 \\cdot 10^{-8}$ is below the tolerance of nearly every gradient "
        "check, and shape and dtype are right. Convergence doesn't notice."
    ),
    fix="Make buffers like the parameters: `np.empty_like(p)`.",
    origin=("synthetic",),
    related=("GB106",),
    dtypes=("float64",),
    inconclusive_in=("symmetric_jacobian",),
)
