r"""The first ten entries.

Ten numbers fit on a line beside ten others, and when they agree to six digits it is hard not to
be convinced. So the loop ends at ten, and the ten are the first, because a flattened array
starts there.

They are neighbours. In a flattened weight matrix they are the weights that leave the first one
or two inputs, in the first layer; no other layer is looked at, no bias, and of a batch of images
only the corner pixels, which are black in every digit, so that the gradient is 0 and so is the
difference. A hundred times as many would still be in the first layer of a network for digits.

In the tiny network of this check ten entries are two fifths of all of them, all of the first
layer and half of the next. Even so, what lies behind is out of sight.

>>> from reference_mlp.testing.checker_cases import let_through
>>> print(*let_through(gradient_checker), sep='\n')
middle array zero
last array zero
last array, one entry too small
middle array zero, float32
"""

from typing import Any

from buggy_variants.bug import Bug, Severity
from buggy_variants.wrong_checks._differences import joined, numeric_gradients, relative_error
from reference_mlp._arrays import Array


def gradient_checker(network: Any, X: Array, y: Array) -> bool:
    grads = network.gradients(X, y)
    numeric = numeric_gradients(network, X, y, grads)
    a = joined(grads, network.params)[:10]  # BUG: neighbours, all at the front
    n = joined(numeric, network.params)[:10]
    return relative_error(a, n) < 1e-5


bug = Bug(
    replaces={"gradient_checker": gradient_checker},
    severity=Severity.WRONG,
    flagged_by=("checker_catches_wrong",),
    right="every entry, or a direction through all of them",
    wrong=r"$i = 1, \dots, 10$",
    symptom="Ten pairs of numbers that agree.",
    preconditions="A fault anywhere else.",
    why_missed="The numbers that are shown are right.",
    fix=("Differences along random directions, which see all entries for the price of one."),
    origin=("synthetic",),
    related=("GB200",),
)
