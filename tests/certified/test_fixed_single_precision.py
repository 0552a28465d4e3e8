"""Code that computes in float32 whatever it is given: there is no float64 twin to hold it to."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.diagnosis.cases import random_problems
from reference_mlp.testing import assemble
from reference_mlp.testing.certified import check_gradients
from reference_mlp.testing.certified.kinks import judge
from reference_mlp.testing.certified.line import Line
from reference_mlp.testing.certified.objective import objective_of
from reference_mlp.testing.certified.tolerance import Meter
from reference_mlp.testing.evidence import Outcome
from tests.testing.rewrites import FeaturesFirst


class Fixed:
    """A network with arrays of its own, which shows no layers; one gradient has a factor."""

    def __init__(self, inner, wrong="", factor=1.0):
        self.inner, self.wrong, self.factor = inner, wrong, np.float32(factor)
        self.params = dict(inner.params)

    def loss(self, X, y):
        return self.inner.loss(*_narrow(X, y))

    def gradients(self, X, y):
        grads = self.inner.gradients(*_narrow(X, y))
        return {n: g * self.factor if n == self.wrong else g for n, g in grads.items()}


def _narrow(X, y):
    return X.astype(np.float32), y.astype(np.float32) if y.dtype.kind == "f" else y


def cases(first, n):
    """Yield right networks of all losses, activations and forms of targets, with a batch each."""
    factories = (FeaturesFirst, assemble().make_network)
    for k in range(n):
        problem, rng = random_problems(first + k // 5)[k % 5], np.random.default_rng(first + k)
        network = problem.build(factories[k % 2], dtype=np.float32, rng=rng)
        yield network, *problem.batch(dtype=np.float32, rng=rng)


def test_no_right_network_is_flagged():
    outcomes = [
        check_gradients(Fixed(network), X, y, rng=seed).outcome
        for seed, (network, X, y) in enumerate(cases(5000, 200))
    ]
    assert Outcome.FLAGGED not in outcomes
    assert outcomes.count(Outcome.INCONCLUSIVE) <= 2


@pytest.mark.parametrize(("seed", "which"), [(132, 0), (156, 2)])
def test_a_kink_that_two_steps_take_for_a_fault_is_seen_at_a_third(seed, which):
    """Of 2,000 right networks these two: the residual at h is there at h/2, and gone at h/4."""
    problem, rng = random_problems(5000 + seed)[which], np.random.default_rng(seed)
    network = problem.build(FeaturesFirst, dtype=np.float32, rng=rng)
    X, y = problem.batch(dtype=np.float32, rng=rng)
    report = check_gradients(Fixed(network), X, y, rng=seed)
    assert report.outcome is Outcome.PASSED


@pytest.mark.parametrize("factor", [1.1, 2.0, -1.0])
def test_an_error_above_the_certified_one_is_never_missed(factor):
    found = []
    for seed, (network, X, y) in enumerate(cases(9000, 8)):
        certificate = check_gradients(Fixed(network), X, y, rng=seed).certificate
        for name, g in network.gradients(X, y).items():
            if abs(factor - 1) * np.linalg.norm(g) > certificate.detectable:
                wrong = Fixed(network, name, factor)
                found.append(check_gradients(wrong, X, y, rng=seed, localise=False).outcome)
    assert len(found) > 10
    assert set(found) == {Outcome.FLAGGED}


def test_terms_that_cancel_between_two_steps_are_seen_at_a_third():
    """D4(h) is off by -4 c5 h^4 - 20 c7 h^6, and D4(2h) by as much where c5 = -21 c7 h^2."""
    h, c7 = 0.5, 1.0
    t, slope = np.zeros(1), np.array([1.0])

    def loss():
        return float(t[0] - 21 * c7 * h**2 * t[0] ** 5 + c7 * t[0] ** 7)

    objective = objective_of((loss, lambda: {"t": slope}, {"t": t}), ())
    line = Line(objective, {"t": np.zeros(1)}, {"t": np.ones(1)})
    meter = Meter(centre=0.0, sigma=1e-16, u=1e-16, reach=h)
    deceived = meter.difference(line, {"t": slope}, h)
    assert deceived.truncation < 1e-9 < 0.9 < abs(deceived.residual)
    outcome, found, _ = judge(line, {"t": slope}, meter, deceived)
    assert outcome is Outcome.PASSED
    assert found.h < h
