"""Random networks with a batch for each, and differences of their losses."""

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from reference_mlp import ACTIVATIONS, LOSSES, Network, Relu, mlp

relaxed = settings(max_examples=40, deadline=None)  # draws are slow where two tests share a core


class Problem:
    """A network with biases, and a batch for it: inputs (N, D) and targets of its loss."""

    def __init__(self, sizes, activation, loss, l2, n, seed):
        rng = np.random.default_rng(seed)
        self.net = mlp(sizes, rng=rng, activation=activation, loss=loss, l2=l2)
        for name in self.net.params:
            if name.endswith("b"):
                self.net.params[name] += rng.normal(size=self.net.params[name].shape)
        self.X = rng.normal(size=(n, sizes[0]))
        shape = (n, sizes[-1])
        self.y = {
            "softmax_cross_entropy": lambda: rng.integers(sizes[-1], size=n),
            "sigmoid_binary_cross_entropy": lambda: rng.random(shape),
            "squared_error": lambda: rng.normal(size=shape),
        }[loss]()


def far_from_kinks(net, X, h):
    """Whether no input of a relu is so near to 0 that a step of `h` could cross it."""
    _, tape = net.forward(X)
    relus = [
        cache
        for layer, cache in zip(net.layers, tape.caches, strict=True)
        if isinstance(getattr(layer, "activation", None), Relu)
    ]
    return all(np.abs(z).min() > 1e3 * h for z in relus)


def cast(net, X, y, dtype):
    """The same network, batch and targets in `dtype`."""
    params = {name: p.astype(dtype) for name, p in net.params.items()}
    twin = Network(net.layers, net.loss_function, params, penalty=net.penalty)
    return twin, X.astype(dtype), y if y.dtype.kind == "i" else y.astype(dtype)


@st.composite
def problems(draw):
    sizes = draw(st.lists(st.integers(1, 5), min_size=2, max_size=4))
    n_hidden = len(sizes) - 2
    names = st.lists(st.sampled_from(sorted(ACTIVATIONS)), min_size=n_hidden, max_size=n_hidden)
    return Problem(
        sizes,
        draw(names),
        draw(st.sampled_from(sorted(LOSSES))),
        draw(st.sampled_from([0.0, 0.3])),
        draw(st.integers(1, 5)),
        draw(st.integers(0, 2**32)),
    )


def central_differences(f, arrays, h):
    """(f(a + h) - f(a - h)) / 2h for each entry of each array, which is moved and put back."""
    slopes = {}
    for name, a in arrays.items():
        slopes[name] = np.empty_like(a)
        for i in np.ndindex(a.shape):
            kept = a[i]
            a[i] = kept + h
            up = f()
            a[i] = kept - h
            down = f()
            a[i] = kept
            slopes[name][i] = (up - down) / (2 * h)
    return slopes
