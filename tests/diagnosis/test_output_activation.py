"""Sigmoids at the outputs under a squared error, in columns: the first network of many."""

from __future__ import annotations

import numpy as np
import pytest

from buggy_variants.diagnosis import check_and_diagnose
from reference_mlp.testing.adapt import Problem, adapt


def sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.where(z < 0, e, 1) / (1 + e)


def overflowing(z):
    return 1 / (1 + np.exp(-z))


def right(z):
    return sigmoid(z) * (1 - sigmoid(z))


class Columns:
    """One sample at a time, in a column; the derivative takes the weighted input."""

    def __init__(self, unit, slope, slope_of_outputs):
        rng = np.random.default_rng(0)
        self.unit, self.slope = unit, slope
        self.slope_of_outputs = slope_of_outputs or slope
        self.weights = [rng.normal(size=(6, 4)), rng.normal(size=(3, 6))]
        self.biases = [np.zeros((6, 1)), np.zeros((3, 1))]

    def forward(self, a):
        self.zs, self.activations = [], [a]
        for W, b in zip(self.weights, self.biases, strict=True):
            self.zs.append(W @ self.activations[-1] + b)
            self.activations.append(self.unit(self.zs[-1]))
        return self.activations[-1]

    def backprop(self, x, y):
        delta = (self.forward(x) - y) * self.slope_of_outputs(self.zs[-1])
        x, h, _ = self.activations
        below = self.weights[1].T @ delta * self.slope(self.zs[0])
        return [below @ x.T, delta @ h.T, below, delta]


def checked(unit=sigmoid, slope=right, slope_of_outputs=None):
    def make():
        net = Columns(unit, slope, slope_of_outputs)
        problem = Problem(
            "mine", (4, 6, 3), ("sigmoid", "sigmoid"), "squared_error", "fractions", 5
        )
        return adapt(
            problem,
            lambda: net.weights + net.biases,
            logits=net.forward,
            gradients=net.backprop,
            samples="one column",
        )

    return check_and_diagnose(make)


def test_a_right_one_is_clean():
    report = checked()
    assert report.clean
    ended = {result.check: result.outcome.value for result in report.results}
    assert ended["forward_formulas"] == "passed"


@pytest.mark.parametrize(
    ("given", "ids"),
    [
        ({"unit": overflowing}, ("GB008",)),
        ({"slope": lambda z: z * (1 - z)}, ("GB116",)),
        pytest.param({"slope": lambda z: right(sigmoid(z))}, ("GB115",), marks=pytest.mark.slow),
        pytest.param({"slope": sigmoid}, ("GB043",), marks=pytest.mark.slow),
        ({"slope_of_outputs": np.ones_like}, ("GB041",)),
        ({"slope": np.ones_like, "slope_of_outputs": right}, ("GB041",)),
    ],
)
def test_its_bug_is_named(given, ids):
    (first, *_) = checked(**given).sections["diagnosis"].suggestions
    assert first.ids == ids
    assert first.fit.perfect
