r"""Softmax shifted by the maximum of the whole batch.

Somebody has heard that softmax needs its maximum taken off, and takes it off: `z - z.max()`.
For a vector of logits that is all there is to it. For a batch it shifts every row by one and the
same number, the largest logit of any row, and softmax of a row doesn't care by how much the row
was shifted. On paper the two are the same function.

In floating point only the row with the largest logit is safe. A row whose own maximum lies 746
below it (104 in float32) has nothing but $e^{z - m} = 0$ in it, its sum is 0, and $0 / 0$ is NaN.
The overflow of the unshifted softmax has become an underflow, and has got harder to find,
because it takes two samples: each of them alone is fine, and so is a batch in which all rows are
equally large. Rows not quite so far below lose digits first, as their terms become subnormal.

Batches differ in this, so it comes and goes with the batch size and the shuffling. In one report
the NaN was there with 32 rows and not with 60, and the loss was blamed for it until the maximum
was taken row by row.

Three rows that differ by a shift only, each with a probability of 0.7311:

>>> z = np.array([[0.0, 1.0]]) - np.array([[0.0], [740.0], [750.0]])
>>> with np.errstate(invalid="ignore"):
...     softmax(z).round(4)
array([[0.2689, 0.7311],
       [0.2672, 0.7328],
       [   nan,    nan]])
"""

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp._arrays import Array


def softmax(z: Array) -> Array:
    e = np.exp(z - z.max())  # BUG: one maximum for all rows, so other rows may underflow to 0
    p: Array = e / e.sum(axis=1, keepdims=True)
    return p


bug = Bug(
    replaces={"softmax": softmax},
    severity=Severity.NAN,
    flagged_by=(
        "extreme_logits",
        "floating_point_warnings",
        "softmax_ulps",
    ),
    right=r"$p_{ik} = e^{z_{ik} - m_i} / \sum_j e^{z_{ij} - m_i}, \quad m_i = \max_j z_{ij}$",
    wrong=r"$p_{ik} = e^{z_{ik} - m} / \sum_j e^{z_{ij} - m}, \quad m = \max_{i,j} z_{ij}$",
    symptom=(
        "NumPy warns of an invalid value in `divide`, some rows of probabilities are `nan`, and "
        "after the next update so is every weight. The same samples one at a time are all right."
    ),
    preconditions=(
        "Two rows in one batch whose largest logits are 746 apart in float64, or 104 in float32."
    ),
    why_missed=(
        "Softmax of a row is the same whatever the row is shifted by, so at logits of order 1 "
        "values and gradients are right to the last digits. Tests with huge logits mostly have "
        "one row, or rows of one size."
    ),
    fix="`z.max(axis=1, keepdims=True)`: each row's own maximum.",
    origin=("manassharma07/crysx_nn#7", "blackportal-ai/delta#165"),
    related=("GB001", "GB056"),
)
