"""Where a fault sits that is in many entries: in which layer, and of what kind it is."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from reference_mlp.network import Network
from reference_mlp.testing.certified.objective import Objective
from reference_mlp.testing.certified.second_order import symmetry_of
from reference_mlp.testing.evidence import Outcome


def place(objective: Objective, *, seed: int) -> Iterator[str]:
    """Yield which layers' backward passes are wrong, and whether the gradient is one at all.

    The layers of a `Network` are asked by their adjoints; the whole by the symmetry of its
    Jacobian: a gradient of another function has left out or added a term of the loss, and what is
    no gradient has mixed up its factors.
    """
    symmetry = symmetry_of(objective, seed)
    if symmetry.outcome is not Outcome.INCONCLUSIVE:
        yield symmetry.message
    network = objective.network
    if isinstance(network, Network):
        # The check of a layer is the check itself, which comes here when it flags.
        from reference_mlp.testing.certified.adjoint import check_adjoints

        X, y = objective.inputs["X"], objective.inputs["y"]
        for found in check_adjoints(network, X, y, rng=np.random.default_rng(seed)):
            if found.report.outcome is Outcome.FLAGGED:
                yield f"the backward pass of layer {found.layer} is wrong"
