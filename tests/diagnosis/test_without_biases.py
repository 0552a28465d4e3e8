"""Networks whose layers have no biases: compared by their weights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from buggy_variants.diagnosis import check_and_diagnose
from reference_mlp.testing import PROBLEMS, assemble
from reference_mlp.testing.adapt import Problem, adapt, implementation_of
from reference_mlp.testing.layouts import Reading, readings
from reference_mlp.testing.probes import observe
from tests.losses import cross_entropy

PROBLEM = Problem("mine", (4, 6, 3), ("sigmoid",), "softmax_cross_entropy", "labels", 5)


def sigmoid(z):
    return 1 / (1 + np.exp(-np.clip(z, -700, 700)))


class TwoWeights:
    """784-100-10 style, without a single bias; weights as (n_out, n_in) if `turned`."""

    def __init__(self, *, slope=True, mean=True, turned=False):
        rng = np.random.default_rng(0)
        self.slope, self.mean, self.turned = slope, mean, turned
        self.weights = [rng.normal(size=(4, 6)), rng.normal(size=(6, 3))]
        if turned:
            self.weights = [W.T.copy() for W in self.weights]

    def forward(self, X):
        V, W = (W.T if self.turned else W for W in self.weights)
        self.h = sigmoid(X @ V)
        return self.h @ W

    def loss(self, X, y):
        return cross_entropy(self.forward(X), y)[0]

    def gradients(self, X, y):
        dz = cross_entropy(self.forward(X), y)[1]
        if self.mean:
            dz /= len(y)
        W = self.weights[1] if self.turned else self.weights[1].T
        dh = dz @ W
        if self.slope:
            dh *= self.h * (1 - self.h)
        found = [X.T @ dh, self.h.T @ dz]
        return [g.T for g in found] if self.turned else found


def adapted(**given):
    def make():
        net = TwoWeights(**given)
        own = {"logits": net.forward, "loss": net.loss, "gradients": net.gradients}
        return adapt(PROBLEM, net.weights, **own)

    return make


def test_weights_alone_are_read_in_either_layout():
    V, W = np.ones((4, 6)), np.ones((6, 3))
    assert readings({"V": V, "W": W}, (4, 6, 3)) == [Reading(("V", "W"), (), inputs_first=True)]
    (turned,) = readings({"V": V.T, "W": W.T}, (4, 6, 3))
    assert not turned.inputs_first
    assert turned.bias({"V": V.T, "W": W.T}, 1).shape == (3,)
    assert readings({"W": W}, (4, 6, 3)) == []


@pytest.mark.parametrize("turned", [False, True])
def test_a_right_one_is_clean_and_compared(turned):
    report = check_and_diagnose(adapted(turned=turned))
    assert report.clean
    ended = {result.check: result.outcome.value for result in report.results}
    assert ended["forward_formulas"] == ended["class_names"] == "passed"
    own = implementation_of(adapted(turned=turned))
    assert not own.problems[0].biases
    reference = replace(assemble(), problems=own.problems)
    right = observe(reference, probes=["networks"])
    answers = observe(own, probes=["networks"]).answers["networks"]
    of_weights = [key for key in answers if key.endswith(("/W1", "/W2"))]
    assert of_weights
    assert not [key for key in right.answers["networks"] if key.endswith(("/b1", "/b2"))]
    for key in of_weights:
        np.testing.assert_allclose(answers[key], right.answers["networks"][key], atol=1e-12)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("given", "ids"),
    [
        ({"slope": False}, ("GB041",)),
        ({"mean": False}, ("GB031",)),
        ({"slope": False, "mean": False}, ("GB031", "GB041")),
    ],
)
def test_its_bugs_are_named(given, ids, turned):
    found = check_and_diagnose(adapted(turned=turned, **given)).sections["diagnosis"]
    assert found.ids[0] == ids
    assert found.suggestions[0].fit.perfect


def test_problems_have_biases_unless_they_are_seen_not_to():
    assert all(problem.biases for problem in PROBLEMS)
