"""Networks with an activation, or a loss, that the reference doesn't have."""

from __future__ import annotations

import numpy as np
import pytest

from buggy_variants.diagnosis import check_and_diagnose
from reference_mlp.testing.adapt import Problem, adapt
from tests.losses import cross_entropy
from tests.own.libraries import import_or_skip


class Leaky:
    """One hidden layer of max(z, 0.01 z), under the mean of a softmax cross-entropy."""

    def __init__(self, slope):
        rng = np.random.default_rng(0)
        self.slope = slope
        self.params = [rng.normal(size=(4, 6)), np.zeros(6), rng.normal(size=(6, 3)), np.zeros(3)]

    def forward(self, X):
        W, b, V, c = self.params
        self.z = X @ W + b
        self.h = np.where(self.z > 0, self.z, 0.01 * self.z)
        return self.h @ V + c

    def loss(self, X, y):
        return cross_entropy(self.forward(X), y)[0]

    def gradients(self, X, y):
        dz = cross_entropy(self.forward(X), y)[1] / len(y)
        dh = dz @ self.params[2].T * np.where(self.z > 0, 1, self.slope)
        return [X.T @ dh, dh.sum(axis=0), self.h.T @ dz, dz.sum(axis=0)]


def adapted(slope, activation="leaky", loss="softmax_cross_entropy"):
    def make():
        net = Leaky(slope)
        problem = Problem("mine", (4, 6, 3), (activation,), loss, "labels", 5)
        own = {"logits": net.forward, "loss": net.loss, "gradients": net.gradients}
        return adapt(problem, lambda: net.params, **own)

    return make


def test_a_right_one_is_clean():
    report = check_and_diagnose(adapted(0.01))
    assert report.clean
    ended = {result.check: result.outcome.value for result in report.results}
    assert ended["parameter_differences"] == "passed"
    assert ended["forward_formulas"] == "n/a"


def test_a_wrong_slope_is_flagged_and_held_against_no_bug():
    report = check_and_diagnose(adapted(0.1))
    flagged = {result.check for result in report.alarms}
    assert {"parameter_differences", "certified_gradients"} <= flagged
    found = report.sections["diagnosis"]
    assert found.ids == ()
    assert found.unread == (
        "its activation 'leaky' is not the reference's, which has relu, sigmoid, tanh, identity",
    )


@pytest.mark.parametrize("slope", [0.01, 0.1])
def test_a_loss_of_another_name(slope):
    report = check_and_diagnose(adapted(slope, loss="my own"))
    assert report.clean == (slope == 0.01)
    if not report.clean:
        (why,) = report.sections["diagnosis"].unread
        assert "its activation 'leaky'" in why
        assert "its loss 'my own'" in why


@pytest.mark.parametrize(
    "unit", ["GELU", *(pytest.param(u, marks=pytest.mark.slow) for u in ("LeakyReLU", "Softplus"))]
)
def test_a_right_one_of_torch_is_clean(unit):
    torch = import_or_skip("torch")
    from reference_mlp.testing.adapters.torch_module import adapt_module

    def make():
        torch.manual_seed(0)
        layers = torch.nn.Linear(5, 7), getattr(torch.nn, unit)(), torch.nn.Linear(7, 4)
        problem = Problem("mine", (5, 7, 4), (unit,), "huber", "reals", 6)
        module = torch.nn.Sequential(*layers).double()
        return adapt_module(problem, module, torch.nn.functional.huber_loss)

    assert check_and_diagnose(make).clean
