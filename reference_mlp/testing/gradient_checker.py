"""The gradient check as a part: one answer, True or False, for a network and a batch."""

from __future__ import annotations

from reference_mlp._arrays import Array
from reference_mlp.testing.certified.check import check_gradients
from reference_mlp.testing.certified.objective import GradientMismatchError
from reference_mlp.testing.evidence import Outcome
from reference_mlp.testing.implementation import NetworkUnderTest


def gradients_are_right(network: NetworkUnderTest, X: Array, y: Array) -> bool:
    """Say whether the gradients of `network` on the batch `X` (N, D), `y` hold against its loss.

    False only for what is shown to be wrong: gradients that are lost in the noise of the loss
    are not, and a report of `check_gradients` says so, which a yes or no can't. Raises
    ValueError or TypeError for a loss that is not a finite real number.

    >>> import numpy as np
    >>> import reference_mlp as mlp
    >>> rng = np.random.default_rng(0)
    >>> net = mlp.mlp((3, 4, 2), rng=rng)
    >>> gradients_are_right(net, rng.normal(size=(5, 3)), np.array([0, 1, 1, 0, 1]))
    True
    """
    try:
        # Two directions and one through each array: the two more of the default buy a higher
        # confidence in the smallest errors that could be missed, and a yes or no states none.
        report = check_gradients(network, X, y, rng=0, directions=2, localise=False)
    except GradientMismatchError:
        return False
    return report.outcome is not Outcome.FLAGGED
