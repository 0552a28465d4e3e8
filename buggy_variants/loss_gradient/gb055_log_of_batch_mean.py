r"""Logarithm of the batch's mean.

The loss of one sample is `-np.log(np.sum(t * p))`: the product with a one-hot target picks out
the probability of the label, and the sum collects it. For a batch the same line adds up the
labels' probabilities of all samples and takes one logarithm at the end. With a division by $N$,
as here, it is minus the log of the mean probability in place of the mean of minus its log.
Without, as in the notebook, it goes negative as soon as the sum passes 1.

Logarithm and mean don't commute. By Jensen's inequality the logarithm of the mean is the smaller
loss, and the more so the more the samples differ: one that is hopelessly wrong adds nothing to
it, where it should dominate. The printed loss is therefore too good, most of all when a few
samples go badly wrong, which is when a loss is wanted. Each sample by itself is right.

With probabilities of 0.9 and 0.001 the mean loss is 3.5, and this one is below 1:

>>> z, y = np.log(np.array([[0.9, 0.1], [0.001, 0.999]])), np.array([0, 0])
>>> [round(float(loss.value(z, y)), 3) for loss in (SoftmaxCrossEntropy(), LogOfMean())]
[3.507, 0.797]
>>> [round(float(LogOfMean().value(z[i : i + 1], y[i : i + 1])), 3) for i in (0, 1)]
[0.105, 6.908]
"""

from typing import Any

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import SoftmaxCrossEntropy
from reference_mlp._arrays import Array, require_labels
from reference_mlp.functions import log_softmax, logsumexp


class LogOfMean(SoftmaxCrossEntropy):
    def value(self, z: Array, y: Array) -> Any:
        n, k = z.shape
        labels = require_labels("y", y, n_rows=n, n_classes=k)
        log_p = log_softmax(z)[np.arange(n), labels]
        # The log of the mean of exp(log_p), without forming the exponentials.
        return -(logsumexp(log_p[None, :]).item() - np.log(n))  # BUG: the mean goes inside the log


bug = Bug(
    replaces={"softmax_cross_entropy": LogOfMean},
    severity=Severity.WRONG,
    flagged_by=(
        "parameter_differences",
        "input_differences",
        "scipy_check_grad",
        "certified_gradients",
        "layer_adjoints",
        "tied_weights",
        "per_sample",
        "batch_cut",
        "forward_formulas",
        "saturated_differences",
        "extreme_logits",
        "after_training",
        "equal_arrays",
        "first_order_decrease",
        "evaluation_weights",
        "history_reported",
    ),
    right=r"$L = -\tfrac{1}{N} \sum_i \log p_{i, y_i}$",
    wrong=r"$L = -\log \tfrac{1}{N} \sum_i p_{i, y_i}$",
    symptom="The printed loss is too small; a few samples that are badly wrong hardly move it.",
    preconditions="A batch of more than one sample.",
    why_missed="For one sample it is right, and for a batch it has a likely size and falls.",
    fix="Take the logarithm first, then the mean.",
    origin=("notebook 001, lines 118 and 228",),
    related=("GB026",),
)
