r"""Loss of the last sample only.

Inside a loop over the batch, `loss = -log_p[i, y[i]]` should have been `loss += ...`. Each turn
throws away what the one before has found, and what is left at the end is the loss of the last row,
divided by N in the hope of a mean.

The gradient that belongs to it is zero but for that row. So a batch of a hundred teaches
as much as one sample with a hundredth of the learning rate, and ninety-nine rows are read from
disk, sent through the network and forgotten. With the batches shuffled each sample gets its turn to
be last, and the loss falls. It falls slowly, which invites a higher learning rate, which works.

Differences of that loss are differences of one row, and confirm the gradient to ten digits; a
convergence test with a loose limit is met in the end. A batch of one is no different from the right
code. What doesn't fit is the order: a mean doesn't care which sample stands last.

>>> import numpy as np
>>> z, y = np.array([[4.0, 0.0], [0.0, 4.0]]), np.array([0, 0])
>>> LastSampleOnly().value(z, y).round(4), LastSampleOnly().value(z[::-1], y).round(4)
(np.float64(2.0091), np.float64(0.0091))
>>> LastSampleOnly().gradient(z, y).round(4)
array([[ 0.   ,  0.   ],
       [-0.491,  0.491]])
"""

from typing import Any

from buggy_variants.bug import Bug, Severity
from reference_mlp import SoftmaxCrossEntropy, log_softmax
from reference_mlp._arrays import Array, require_labels


class LastSampleOnly(SoftmaxCrossEntropy):
    def value(self, z: Array, y: Array) -> Any:
        n, k = z.shape
        labels = require_labels("y", y, n_rows=n, n_classes=k)
        log_p, loss = log_softmax(z), z.dtype.type(0)
        for i, label in enumerate(labels):
            loss = -log_p[i, label]  # BUG: = for +=, each row overwrites the one before
        return loss / z.dtype.type(n)

    def gradient(self, z: Array, y: Array) -> Array:
        dz = super().gradient(z, y)
        dz[:-1] = 0
        return dz


bug = Bug(
    replaces={"softmax_cross_entropy": LastSampleOnly},
    severity=Severity.WORSE,
    flagged_by=(
        "per_sample",
        "duplicated_batch",
        "row_order",
        "batch_cut",
        "forward_formulas",
        "extreme_logits",
        "everything_matters",
        "convex_optimum",
        "overfits_32_digits",
        "convergence",
        "evaluation_weights",
        "history_reported",
    ),
    right=r"$L = \dfrac{1}{N} \sum_i -\ln p_{i, y_i}$",
    wrong=r"$L = -\dfrac{1}{N} \ln p_{N, y_N}$",
    symptom=(
        "A very small and very noisy loss, about $\\ln K / N$ at the start, and slow learning that "
        "gets slower the larger the batch."
    ),
    preconditions="A batch of more than one sample.",
    why_missed=(
        "Loss and gradient are both of the last row. A check with one sample, or with a loss that "
        "only has to fall, passes."
    ),
    fix="`loss += ...`, or better `log_p[np.arange(n), y].mean()` without a loop.",
    origin=("synthetic",),
    related=("GB055", "GB053", "GB061"),
)
