r"""Parameters on the class.

`class Layer: parameters = []` reads like a declaration of an attribute and its initial value. In
Python it creates one list, on the class, and every instance that says `self.parameters` without
having assigned one of its own reads and writes that same list. As long as a subclass assigns
`self.parameters = [W, b]` in its constructor nothing comes of it. The day somebody writes
`self.parameters.append(W)`, or `update`, all instances have all parameters.

With one network in the process even that goes unnoticed. The second one takes over the first:
its weights are the ones that both now use. Two models compared side by side turn out to be
exactly as good as each other, an ensemble gains nothing, and a teacher learns from its pupil. In
a notebook, running the cell that builds the network again resets the one that has been trained.

Compared by their outputs on one input the two networks below are the same, and they were drawn
from different seeds:

>>> import numpy as np
>>> from reference_mlp import mlp
>>> one = mlp((3, 2), rng=np.random.default_rng(0), network=NetworkOfTheClass)
>>> before = one.logits(np.ones((1, 3))).round(2)
>>> two = mlp((3, 2), rng=np.random.default_rng(1), network=NetworkOfTheClass)
>>> before, one.logits(np.ones((1, 3))).round(2), two.logits(np.ones((1, 3))).round(2)
(array([[-0.02, -0.66]]), array([[-1.17,  1.8 ]]), array([[-1.17,  1.8 ]]))
"""

from collections.abc import Iterable, Mapping, Sequence

from buggy_variants.bug import Bug, Severity
from reference_mlp import Network
from reference_mlp._arrays import Params
from reference_mlp.layers import Layer
from reference_mlp.losses import L2Penalty, Loss


class NetworkOfTheClass(Network):
    parameters: Params = {}  # noqa: RUF012 - it is the bug

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
        self.parameters.clear()
        self.parameters.update(params)  # BUG: the dict is the class's, shared by all networks
        self.params = self.parameters


bug = Bug(
    replaces={"network": NetworkOfTheClass},
    severity=Severity.WRONG,
    flagged_by=("two_networks",),
    right=r"$\theta_A$ and $\theta_B$, one set of parameters a network",
    wrong=r"$\theta_A = \theta_B = \theta$ of the network that was built last",
    symptom="A second network replaces the parameters of the first.",
    preconditions="Two networks in one process.",
    why_missed="Tests and scripts that build one network at a time have nothing to mix up.",
    fix="Assign in `__init__`; annotate without a value on the class.",
    origin=("notebook 000, line 9: latent",),
    related=("GB020", "GB029"),
)
