r"""Scalar that is stronger than the array.

A penalty strength of 0.01 typed into the code is a Python float, and Python floats are weak:
times a float32 array they give a float32 array. The same number taken from `np.logspace(-4, 0,
9)` for a search over strengths is an `np.float64`, and since NumPy 2 (NEP 50) such a scalar is as
strong as an array. Times float32 weights it gives float64.

The sum of two gradients is then float64 also, and the float32 network hands out float64 gradients
for its weights, float32 ones for its biases. Nothing is wrong with the numbers. They take twice
the memory, each step converts them back when it subtracts them in place, and an optimiser that
makes its moments like the gradients instead of the parameters doubles its state. A step that is
written `p = p - lr * g` turns the weights themselves into float64, and then the next forward pass
runs in double precision, at half the speed, in what everybody believes to be a float32 network.

Under NumPy 1 the value of a scalar, not its type, decided, and this same code returned float32.
The upgrade is what breaks it, therefore, and only for those whose strength came out of an array.

>>> W = {"0.W": np.ones((2, 2), np.float32)}
>>> L2Penalty(0.01).gradient(W)["0.W"].dtype, StrongPenalty(0.01).gradient(W)["0.W"].dtype
(dtype('float32'), dtype('float64'))
"""

from dataclasses import dataclass

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import L2Penalty


@dataclass(frozen=True)
class StrongPenalty(L2Penalty):
    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "strength", np.float64(self.strength))  # BUG: float32 gives in


bug = Bug(
    replaces={"penalty": StrongPenalty},
    severity=Severity.WORSE,
    flagged_by=("certified_gradients", "layer_adjoints", "shapes_and_dtypes"),
    right=r"$\lambda W$ in the dtype of $W$",
    wrong=r"$\lambda W$ in float64, $\lambda$ being an `np.float64`",
    symptom=(
        "Gradients of a float32 network are float64 for the weights and float32 for the biases. "
        "Memory goes up, and with an update that rebinds the weights so does the time of a step."
    ),
    preconditions="NumPy 2, a float32 network, and a strength that is a NumPy scalar.",
    why_missed=(
        "The numbers are right, even a little more so, and tests run in float64. In-place updates "
        "convert silently, so that the weights stay float32."
    ),
    fix="`float(strength)` where it comes in, or `W.dtype.type(strength)`.",
    origin=("numpy/numpy#21103",),
    related=("GB095",),
    dtypes=("float32",),
)
