"""A multilayer perceptron in NumPy whose gradients are right, stateless and readable.

>>> import numpy as np
>>> import reference_mlp as mlp
>>> rng = np.random.default_rng(0)
>>> net = mlp.mlp((784, 100, 10), rng=rng)
>>> loss, grads = net.loss_and_gradients(rng.normal(size=(8, 784)), rng.integers(10, size=8))
>>> grads["0.W"].shape
(784, 100)
"""

from reference_mlp.batches import minibatches, one_hot, scale_pixels, split, standardise
from reference_mlp.clipping import clip_norm
from reference_mlp.dropout import Dropout, ThinnedDropout
from reference_mlp.early_stopping import EarlyStopping
from reference_mlp.evaluation import Evaluation, accuracy, evaluate
from reference_mlp.functions import (
    log_sigmoid,
    log_softmax,
    logsumexp,
    sigmoid,
    softmax,
    softplus,
    tanh,
)
from reference_mlp.initialisers import (
    INITIALISERS,
    glorot_normal,
    glorot_uniform,
    he_normal,
    he_uniform,
    normal,
    zeros,
)
from reference_mlp.layers import ACTIVATIONS, Identity, Linear, Relu, Sigmoid, Tanh
from reference_mlp.losses import (
    LOSSES,
    L2Penalty,
    SigmoidBinaryCrossEntropy,
    SoftmaxCrossEntropy,
    SquaredError,
)
from reference_mlp.network import Elementwise, Network, Tape
from reference_mlp.normalisation import BatchNorm
from reference_mlp.optimisers import SGD, Adam, Momentum, Nesterov
from reference_mlp.perceptron import mlp
from reference_mlp.training import Epoch, Regime, fit, train_epoch, train_step

__all__ = [
    "ACTIVATIONS",
    "INITIALISERS",
    "LOSSES",
    "SGD",
    "Adam",
    "BatchNorm",
    "Dropout",
    "EarlyStopping",
    "Elementwise",
    "Epoch",
    "Evaluation",
    "Identity",
    "L2Penalty",
    "Linear",
    "Momentum",
    "Nesterov",
    "Network",
    "Regime",
    "Relu",
    "Sigmoid",
    "SigmoidBinaryCrossEntropy",
    "SoftmaxCrossEntropy",
    "SquaredError",
    "Tanh",
    "Tape",
    "ThinnedDropout",
    "accuracy",
    "clip_norm",
    "evaluate",
    "fit",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "log_sigmoid",
    "log_softmax",
    "logsumexp",
    "minibatches",
    "mlp",
    "normal",
    "one_hot",
    "scale_pixels",
    "sigmoid",
    "softmax",
    "softplus",
    "split",
    "standardise",
    "tanh",
    "train_epoch",
    "train_step",
    "zeros",
]
