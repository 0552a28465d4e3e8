r"""One-hot targets remembered by batch size.

Building one-hot rows for each batch shows up in a profile, because it allocates, and all batches
have the same size. So the array is kept and looked up by its number of rows. The array of *zeros*
could be kept like this, and cleared each time. What is kept here has the ones in it.

From the second batch on, samples are paired with the labels of the first. The loss, which picks its
entries by index, has the right ones; only the gradient goes through the table. As labels of
shuffled batches have nothing to do with each other, training is on random targets, and the network
settles at the class frequencies of the first batch. The last, smaller batch of an epoch has an
entry of its own and is right in the first epoch.

The first call for each size is right, and a gradient check makes no other:

>>> import numpy as np
>>> from reference_mlp import mlp
>>> rng = np.random.default_rng(0)
>>> net = mlp((3, 3), rng=rng, network=TargetsBySize)
>>> X, y = rng.normal(size=(2, 3)), np.array([0, 0])
>>> first = net.gradients(X, y)["0.b"].round(2)
>>> first, net.gradients(X, np.array([2, 2]))["0.b"].round(2)
(array([-0.82,  0.23,  0.6 ]), array([-0.82,  0.23,  0.6 ]))
"""

from collections.abc import Iterable, Mapping, Sequence

from buggy_variants.bug import Bug, Severity
from reference_mlp import Network
from reference_mlp._arrays import Array, Params
from reference_mlp.layers import Layer
from reference_mlp.losses import L2Penalty, Loss
from reference_mlp.network import Tape


class TargetsBySize(Network):
    def __init__(
        self,
        layers: Sequence[Layer],
        loss: Loss,
        params: Params,
        *,
        penalty: L2Penalty | None = None,
        frozen: Iterable[str] = (),
        tied: Mapping[int, int] | None = None,
    ) -> None:
        super().__init__(layers, loss, params, penalty=penalty, frozen=frozen, tied=tied)
        self.targets: dict[int, Array] = {}

    def backward(self, tape: Tape, y: Array) -> tuple[Params, Array]:
        target = self.targets.setdefault(len(y), y.copy())  # BUG: of the first batch of this size
        return super().backward(tape, target)


bug = Bug(
    replaces={"network": TargetsBySize},
    severity=Severity.WRONG,
    flagged_by=(
        "per_sample",
        "row_order",
        "class_names",
        "everything_matters",
        "other_targets",
        "overfits_32_digits",
        "convergence",
    ),
    right=r"$dz = (p - y_t) / N$, with the targets of batch $t$",
    wrong=r"$dz = (p - y_1) / N$, with the targets of the first batch of $N$ rows",
    symptom=r"The loss stays near $\ln K$ or above it, as if the labels were random.",
    preconditions="Two batches of the same size.",
    why_missed="The first batch of each size is right, and a check with one batch sees no other.",
    fix="Make the targets anew for each batch.",
    origin=("synthetic",),
    related=("GB025", "GB110"),
)
