r"""Activation's derivative missing.

Backpropagation is taught as a chain of matrices, $\delta_l = \delta_{l+1} W^\top$, and the
factor $f'(z_l)$ between two of them is easily left out: the code runs without it, the shapes
fit, and in a first derivation with linear layers it was not there. For relu this means that
the gradient passes through active and inactive units alike.

An inactive unit has no influence on the loss, and its weights ought to stay where they are. Here
they receive the gradient that they would have had if the unit were active, and can be brought
back to life by it. For active units nothing changes in the layer itself, but the sum
that goes further down has terms of units which took no part in the forward pass.

And yet it trains. Of the terms that should be there all are there, and the added ones push
each unit in the direction that would help if it were on. On digits the network ends at a test
accuracy within a point or two of the right one's, and it learns 32 digits by heart. Passing a
gradient unchanged through a step or a mask even has a name, the straight-through estimator,
where it is done on purpose. This is the plainest example of why learning is no proof of a
gradient.

Of two units the first is off, and ought to be left alone:

>>> import numpy as np
>>> _, cache = ReluPassingAll().forward(np.array([-1.0, 2.0]))
>>> Relu().backward(cache, np.ones(2)), ReluPassingAll().backward(cache, np.ones(2))
(array([0., 1.]), array([1., 1.]))
"""

import copy

from buggy_variants.bug import Bug, Form, Severity
from reference_mlp import Elementwise, Identity, Network, Relu, Sigmoid, Tanh, Tape
from reference_mlp._arrays import Array, Params


class ReluPassingAll(Relu):
    def backward(self, cache: Array, dh: Array) -> Array:
        return dh  # BUG: relu's derivative is 0 where z <= 0


class SigmoidPassingAll(Sigmoid):
    def backward(self, cache: Array, dh: Array) -> Array:
        return dh


class TanhPassingAll(Tanh):
    def backward(self, cache: Array, dh: Array) -> Array:
        return dh


class HiddenPassingAll(Network):
    passing = slice(None, -1)

    def backward_from(self, tape: Tape, dz: Array) -> tuple[Params, Array]:
        twin, layers = copy.copy(self), list(self.layers)
        layers[self.passing] = [
            Elementwise(Identity()) if isinstance(layer, Elementwise) else layer
            for layer in layers[self.passing]
        ]
        twin.layers = tuple(layers)
        return Network.backward_from(twin, tape, dz)


class OutputsPassingAll(HiddenPassingAll):
    passing = slice(-1, None)


bug = Bug(
    replaces={"relu": ReluPassingAll},
    severity=Severity.WORSE,
    flagged_by=(
        "parameter_differences",
        "input_differences",
        "scipy_check_grad",
        "certified_gradients",
        "symmetric_jacobian",
        "layer_adjoints",
        "layer_differences",
        "relu_at_zero",
        "extreme_activations",
        "after_training",
        "first_order_decrease",
    ),
    right=r"$dz = dh \odot [z > 0]$",
    wrong=r"$dz = dh$",
    symptom="Hidden units that are off receive gradients. The network learns slightly less well.",
    preconditions="A hidden layer with a unit that is off for some row.",
    why_missed=(
        "It learns: after two epochs on digits the test loss is 0.50 in place of 0.45. "
        "Shapes are right, and a check whose units are all active sees nothing."
    ),
    fix="`dz = dh * (z > 0)`.",
    origin=("Bot-Academy/NeuralNetworkFromScratch#3", "ujjwalkarn/Machine-Learning-Tutorials#16"),
    related=("GB042", "GB044", "GB045"),
    also=(
        Form({"sigmoid": SigmoidPassingAll}, "of the sigmoid"),
        Form({"tanh": TanhPassingAll}, "of the tanh"),
        Form({"network": HiddenPassingAll}, "of the hidden layers alone"),
        Form({"network": OutputsPassingAll}, "of the outputs alone"),
    ),
)
