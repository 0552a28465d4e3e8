"""A step, its rate, and a factor of all gradients, as an author may mean them or not."""

from __future__ import annotations

import numpy as np
import pytest

from reference_mlp.testing.adapt import Problem, adapt, attributes, implementation_of
from reference_mlp.testing.check_implementation import check_implementation
from reference_mlp.testing.evidence import Outcome
from tests.own.flagging import CHECKS, flagged


def plain(step=None, rate=None, dtype=np.float64, gradients=None, **options):
    """Softmax regression, whose step is the test's."""

    class Net:
        def __init__(self):
            self.W = np.random.randn(3, 4).astype(dtype)
            self.b = (np.random.randn(4) * 0.1).astype(dtype)

        def forward(self, X):
            return X @ self.W + self.b

        def slopes(self, X, y):
            z = self.forward(X)
            e = np.exp(z - z.max(axis=1, keepdims=True))
            dz = e / e.sum(axis=1, keepdims=True)
            dz[np.arange(len(X)), y] -= 1
            return X.T @ dz / len(X), dz.mean(axis=0)

    def make():
        net = Net()
        given = {"gradients": (lambda X, y: gradients(net, X, y))} if gradients else {}
        if step:
            given["step"] = lambda X, y, lr: step(net, X, y, lr)
        return adapt(
            Problem("plain", (3, 4), (), "softmax_cross_entropy", "labels", 5),
            attributes(net, "W", "b"),
            logits=net.forward,
            rate=rate,
            **{"gradients": net.slopes} | given if not step else given,
            **options,
        )

    return make


def test_a_step_that_moves_nothing_is_flagged():
    def step(net, X, y, lr):
        W = net.W
        W = W - lr * net.slopes(X, y)[0]  # a new array, of which the network knows nothing

    assert "moves none of W, b" in flagged(plain(step))["step_consistency"]


def test_a_step_with_a_memory_is_inconclusive():
    def step(net, X, y, lr):
        before = getattr(net, "v", [0, 0])
        net.v = [0.9 * v + g for v, g in zip(before, net.slopes(X, y), strict=True)]
        net.W, net.b = net.W - lr * net.v[0], net.b - lr * net.v[1]

    own = implementation_of(plain(step))
    (result,) = check_implementation(own, checks=["step_consistency"]).results
    assert result.outcome is Outcome.INCONCLUSIVE
    assert "remembers the one before" in result.message


@pytest.mark.parametrize("rate", [0.25, 0.001])
def test_a_rate_of_its_own_is_taken_into_account(rate):
    def step(net, X, y, lr):
        dW, db = net.slopes(X, y)
        net.W, net.b = net.W - rate * dW, net.b - rate * db

    # At a small one the rounding of the parameters counts, which is no fault of the gradients.
    assert flagged(plain(step, rate=rate), [*CHECKS, "per_sample"]) == {}


@pytest.mark.parametrize(
    ("factor", "name"),
    [(lambda n: 2, "2"), (lambda n: 1 / n, "1/N"), (lambda n: 3, "D"), (lambda n: 2 / n, "2/N")],
)
def test_factors_are_named(factor, name):
    def gradients(net, X, y):
        return [factor(len(X)) * g for g in net.slopes(X, y)]

    found = flagged(plain(gradients=gradients), ["gradient_scale"])["gradient_scale"]
    assert f"loss: {name}, " in found or f" or {name}, " in found
    assert flagged(plain(gradients=gradients, scale=name)) == {}


@pytest.mark.parametrize("factor", [-1.0, lambda g: g * (g > 0)])
def test_a_wrong_direction_is_no_factor(factor):
    def gradients(net, X, y):
        turn = factor if callable(factor) else lambda g: factor * g
        return [turn(g) for g in net.slopes(X, y)]

    found = flagged(plain(gradients=gradients))
    assert "parameter_differences" in found
    assert "gradient_scale" not in found


def test_a_float32_network_is_judged_in_float64():
    own = implementation_of(plain(dtype=np.float32))
    report = check_implementation(own, checks=["parameter_differences", "shapes_and_dtypes"])
    assert [r.outcome for r in report.results] == ["passed", "passed"]
