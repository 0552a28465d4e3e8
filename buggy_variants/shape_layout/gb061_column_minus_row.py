r"""Squared error of every prediction with every target.

A network with one output returns predictions of shape (N, 1), and the targets come from a file
as (N,). Their difference doesn't fail: broadcasting reads it as a column minus a row, and
gives (N, N), each prediction minus each target. Squared and averaged it is a number, and a
smaller number is better.

It is smallest when each prediction is the mean of all targets. The sum of
$(z_i - y_j)^2$ over $j$ pulls $z_i$ to the average of the $y_j$, and which target is its own has
dropped out of the formula. So the network learns to ignore its inputs. On a linear problem in five
variables, which the right code solves with an $R^2$ of 0.98, it comes out at 0.10: predictions
with the right mean and a spread of 0.4, of targets with a spread of 7.6.

The gradient is that of the loss as computed, summed back to (N, 1) as automatic differentiation
does with anything that was broadcast, so no gradient check objects. Nor does the loss: it falls,
quickly at first, and then levels off at what looks like noise in the data, half the variance of
the targets, here times N. With two outputs or more the shapes either fit or fail, and with a batch
of one there is nothing to broadcast. PyTorch warns of such shapes by now, at the request of people
who had spent far too long on finding out.

Predictions that are right to the last digit show it at once. They have a loss, and a gradient that
pulls them together:

>>> import numpy as np
>>> y = np.array([0.0, 1.0, 5.0])
>>> PairwiseSquaredError().value(y[:, None], y)
np.float64(14.0)
>>> PairwiseSquaredError().gradient(y[:, None], y).ravel()
array([-2., -1.,  3.])
"""

from buggy_variants.bug import Bug, Severity
from reference_mlp import SquaredError
from reference_mlp._arrays import Array


class PairwiseSquaredError(SquaredError):
    def gradient(self, z: Array, y: Array) -> Array:
        # Summed over the axis that broadcasting added, as automatic differentiation would.
        dz: Array = (z - self._targets(z, y)).reshape(*z.shape, -1).sum(axis=-1) / len(z)
        return dz

    @staticmethod
    def _targets(z: Array, y: Array) -> Array:
        return y.astype(z.real.dtype, copy=False)  # BUG: (N,) is left so, and z - y is (N, N)


bug = Bug(
    replaces={"squared_error": PairwiseSquaredError},
    severity=Severity.WRONG,
    flagged_by=(
        "per_sample",
        "duplicated_batch",
        "batch_cut",
        "forward_formulas",
    ),
    right=r"$L = \dfrac{1}{2N} \sum_i (z_i - y_i)^2$",
    wrong=r"$L = \dfrac{1}{2N} \sum_i \sum_j (z_i - y_j)^2$",
    symptom=(
        "All predictions come out at the mean of the targets, and the loss stops falling at a "
        "multiple of their variance."
    ),
    preconditions="One output, targets of shape (N,), and a batch of more than one sample.",
    why_missed=(
        "The loss is a scalar, the gradient is its gradient, and both have the right shapes. "
        "Differences of the loss confirm it, and so does a falling curve."
    ),
    fix="`y.reshape(z.shape)` before the difference, or an assertion that the shapes are equal.",
    origin=(
        "pytorch/pytorch#16045",
        "notebook 002, line 282: latent",
        "notebook 002, line 271: latent, an output of width 1 whatever comes in",
    ),
    related=("GB056",),
)
