r"""Checked on a batch of one.

Differences cost a loss or two for each parameter, so the batch is cut down to what is needed,
and one sample is enough for a loss. With one row the check is as fast as it gets, and the
numbers can be followed by hand.

One row is also the batch at which a sum and a mean are the same number. Division by N, the
constant that backward passes get wrong most often, is division by 1: left out, done twice or put
in the bias alone, it changes nothing. A softmax that normalises over the wrong axis, a bias
gradient that was never summed over the batch and a loss that multiplies where it should add all
have no second row to be wrong about.

Two rows would do; a number of rows that no layer has as its width does better. What slips by
here are the faults that need a batch.

>>> from reference_mlp.testing.checker_cases import let_through
>>> let_through(gradient_checker)
['gradients times N', 'biases averaged', 'gradients times N, float32']
"""

from typing import Any

from buggy_variants.bug import Bug, Severity
from buggy_variants.wrong_checks._differences import numeric_gradients, relative_error
from reference_mlp._arrays import Array


def gradient_checker(network: Any, X: Array, y: Array) -> bool:
    X, y = X[:1], y[:1]  # BUG: over one row a sum is a mean
    grads = network.gradients(X, y)
    numeric = numeric_gradients(network, X, y, grads)
    return all(relative_error(grads[name], numeric[name]) < 1e-5 for name in network.params)


bug = Bug(
    replaces={"gradient_checker": gradient_checker},
    severity=Severity.WRONG,
    flagged_by=("checker_catches_wrong",),
    right=r"$N \ge 2$, and unlike every width",
    wrong="$N = 1$",
    symptom=("The check passes, and the learning rate that works depends on the batch size."),
    preconditions="A fault in how samples are put together.",
    why_missed=("Every entry of every array is compared, as strictly as one could wish."),
    fix="A batch of a few rows, of a size that is nowhere a width.",
    origin=("notebook 001, line 232: the forward pass asserts one sample",),
    related=("GB031", "GB051"),
)
