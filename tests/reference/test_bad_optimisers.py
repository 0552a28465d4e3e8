"""Bad settings and gradients of optimisers are refused, and leave no trace."""

import numpy as np
import pytest

from reference_mlp import SGD, Adam, Momentum, Nesterov
from tests.reference.bench import assert_refused

SETTINGS = {
    "learning_rate": ([0, -0.1, np.nan, np.inf], "a finite number above 0", (SGD, Momentum, Adam)),
    "momentum": ([-0.1, 1, np.nan], "0 <= momentum < 1", (Momentum, Nesterov)),
    "beta1": ([-0.1, 1, np.nan], "0 <= beta1 < 1", (Adam,)),
    "beta2": ([-0.1, 1, np.nan], "0 <= beta2 < 1", (Adam,)),
    "epsilon": ([0, -1e-8, np.nan], "a finite number above 0", (Adam,)),
}


@pytest.mark.parametrize(
    ("make", "name", "value", "expected"),
    [
        pytest.param(make, name, value, expected, id=f"{make.__name__}-{name}-{value}")
        for name, (values, expected, makers) in SETTINGS.items()
        for make in makers
        for value in values
    ],
)
def test_settings_of_optimisers(make, name, value, expected):
    options = {"learning_rate": 0.1} | {name: value}
    with pytest.raises(ValueError, match=f"{name} is {value}, expected {expected}"):
        make(**options)


OPTIMISERS = pytest.mark.parametrize(
    "make", [SGD, Momentum, Nesterov, Adam], ids=lambda make: make.__name__
)


@OPTIMISERS
@pytest.mark.parametrize(
    ("grads", "error", "complaint"),
    [
        ({"2.b": np.ones(2)}, KeyError, ["grads has '2.b'", "['0.W', '0.b']"]),
        ({"0.b": np.ones(3)}, ValueError, ["grads['0.b'] has shape (3,), expected (2,)"]),
        ({"0.b": np.ones((1, 2))}, ValueError, ["grads['0.b'] has shape (1, 2), expected (2,)"]),
        ({"0.b": np.float64(1)}, ValueError, ["grads['0.b'] has shape (), expected (2,)"]),
    ],
    ids=["unknown", "too long", "a row", "a scalar"],
)
def test_gradients_for_optimisers(bench, make, grads, error, complaint):
    """A good gradient comes first, and must not have been used."""
    optimiser = bench.optimiser = make(0.1)
    params = {"0.W": np.ones((3, 2)), "0.b": np.ones(2)}
    optimiser.step(params, {name: np.ones_like(p) for name, p in params.items()})
    call = lambda: optimiser.step(params, {"0.W": np.ones((3, 2))} | grads)  # noqa: E731
    assert_refused(bench, call, error, complaint, *params.values())


@pytest.mark.parametrize("make", [Momentum, Nesterov, Adam], ids=lambda make: make.__name__)
@pytest.mark.parametrize("width", [1, 3])
def test_an_optimiser_of_another_network(bench, make, width):
    """Its velocities don't fit; broadcasting them would be worse than an error."""
    optimiser = bench.optimiser = make(0.1)
    optimiser.step({"0.b": np.ones(2)}, {"0.b": np.ones(2)})
    params = {"0.b": np.ones(width)}
    call = lambda: optimiser.step(params, {"0.b": np.ones(width)})  # noqa: E731
    assert_refused(bench, call, ValueError, ["'0.b'", "(2,)", f"({width},)"], *params.values())
