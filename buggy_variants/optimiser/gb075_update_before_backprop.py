r"""Layer updated before the gradient has passed through it.

One loop that goes down the layers, computes a layer's gradient, updates the layer and hands the
upstream gradient on: it needs no dictionary of gradients and reads well. The order of the last
two is the point. What goes down to the layer below is $dz\,W^\top$ with the $W$ of the forward
pass, and by then that $W$ is gone. The layer below gets the gradient of a network that was never
evaluated.

The error is the size of the update: $dz\,(\Delta W)^\top$, of first order in the learning rate.
At a rate of 0.001 nobody can see it, and a first-order test of descent passes by construction. At
a rate of 1 the lower layers are pushed somewhere else, and a sigmoid network that learns 32
digits by heart in the right order, to a loss of 0.04, ends at one above 4. In between it can even
seem to help: the reporter of the issue below tried the right order and found the result "not as
good".

One step at rate 2 on three samples, where only the last layer's gradient is the right one. By how
much the first layer misses its own:

>>> import numpy as np
>>> from reference_mlp import SGD, mlp
>>> net = mlp((3, 4, 2), rng=np.random.default_rng(0), activation="tanh")
>>> X, y = np.random.default_rng(1).normal(size=(3, 3)), np.array([0, 1, 1])
>>> before, grads = net.params["0.W"].copy(), net.gradients(X, y)
>>> loss = train_step(net, SGD(2.0), X, y)
>>> moved = (before - net.params["0.W"]) / 2.0
>>> (np.linalg.norm(moved - grads["0.W"]) / np.linalg.norm(grads["0.W"])).round(2)
np.float64(0.64)
"""

from typing import Any

from buggy_variants.bug import Bug, Severity
from reference_mlp._arrays import Array


def train_step(network: Any, optimiser: Any, X: Array, y: Array) -> float:
    logits, tape = network.forward(X)
    penalties = network._penalty_gradients()
    loss = network.loss_of(logits, y)
    dz = network.loss_function.gradient(logits, y)
    for i in reversed(range(len(network.layers))):
        layer, cache = network.layers[i], tape.caches[i]
        own = layer.backward(cache, dz, network._params_of(i))[1]
        grads = {network._names[i][k]: g for k, g in own.items()}
        grads = {k: g + penalties.get(k, 0) for k, g in grads.items() if k in network.trainable}
        optimiser.step(network.params, grads)
        dz = layer.backward(cache, dz, network._params_of(i))[0]  # BUG: through the new weights
    return float(loss)


bug = Bug(
    replaces={"train_step": train_step},
    severity=Severity.WORSE,
    flagged_by=(
        "step_follows_gradient",
        "overfits_32_digits",
    ),
    right=r"$dx = dz\,W_t^\top$, and only then $W_{t+1} = W_t - \eta\,dW$",
    wrong=r"$W_{t+1} = W_t - \eta\,dW$, and then $dx = dz\,W_{t+1}^\top$",
    symptom=(
        "At small learning rates none. At large ones training is unstable, and the loss stays high."
    ),
    preconditions=(
        "At least two layers with parameters, and a learning rate at which a step changes the "
        "weights noticeably."
    ),
    why_missed=(
        "The gradients are right when asked for by themselves; only the step mixes them with "
        "the update. A tiny step is right as well, and so is a usual one to the eye."
    ),
    fix=("Compute all gradients first, then update; or take `dx` before the layer's own update."),
    origin=(
        "joelgrus/data-science-from-scratch#31",
        "kim-marcel/basic_neural_network#7",
    ),
    related=("GB077",),
)
