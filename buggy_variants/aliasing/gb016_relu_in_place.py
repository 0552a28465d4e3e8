r"""Relu that writes into its input.

`z[z < 0] = 0` looks like a thrifty `np.maximum(z, 0)`. It gives the same values, and saves an
array, by destroying the one it was handed. Whoever still needs the pre-activations, for the
derivative of another activation, a residual connection, a plot or the next forward pass over
the same array, now finds zeros where negative numbers were.

In a plain perceptron nobody does need them: relu's own derivative is 1 where the output is
positive, whichever of the two arrays one asks. So losses, gradients and learning curves are all
right, and the bug waits for the day on which relu is applied to something that matters, such as
the caller's inputs.

One call, and the array that was passed in has lost its negative number:

>>> z = np.array([-2.0, 3.0])
>>> h, _ = ReluInPlace().forward(z)
>>> h, z
(array([0., 3.]), array([0., 3.]))
"""

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import Relu
from reference_mlp._arrays import Array


class ReluInPlace(Relu):
    def forward(self, z: Array) -> tuple[Array, Array]:
        h = np.maximum(z, 0, out=z)  # BUG: the caller's array is overwritten
        return h, z


bug = Bug(
    replaces={"relu": ReluInPlace},
    severity=Severity.WRONG,
    flagged_by=("modules_unchanged",),
    right=r"$h = \max(z, 0)$, and $z$ is left alone",
    wrong=r"$h = z \leftarrow \max(z, 0)$",
    symptom=(
        "None in a plain perceptron. Elsewhere: an array that was fine before the forward pass "
        "has no negative numbers after it."
    ),
    preconditions="Somebody reads the argument of relu after the call.",
    why_missed=(
        "Loss and gradients are those of the right network, so differences, convergence and "
        "accuracy all agree."
    ),
    fix="`np.maximum(z, 0)` into a new array.",
    origin=("notebook 004, line 65", "notebook 003, line 79", "apple/coremltools#2795"),
    related=("GB017", "GB018", "GB099"),
)
