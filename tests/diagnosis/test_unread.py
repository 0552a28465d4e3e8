"""Networks whose arrays can't be read: what is said, and the checks alone held to the matrix."""

from __future__ import annotations

import json
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from buggy_variants import find
from buggy_variants.diagnosis import diagnose
from buggy_variants.diagnosis.rows import by_rows
from reference_mlp.testing import CHECKS, Evidence, Implementation, Outcome, Setting
from reference_mlp.testing.adapt import Problem, adapt, implementation_of
from reference_mlp.testing.implementation import NotProvidedError
from reference_mlp.testing.probes import observe
from reference_mlp.testing.run import Result
from tests.diagnosis.strangers import BiasForgotten
from tests.testing.rewrites import FeaturesFirst

PROBLEM = Problem("mine", (5, 7, 4), ("relu",), "softmax_cross_entropy", "labels", 6)


class BiasAsRow:
    """The last row of each theta is its bias; the slope of the relu is forgotten."""

    def __init__(self):
        rng = np.random.default_rng(0)
        self.thetas = [rng.normal(size=(6, 7)) / 2, rng.normal(size=(8, 4)) / 2]

    def forward(self, X):
        self.a = np.hstack([X, np.ones((len(X), 1))])
        self.h = np.hstack([np.maximum(self.a @ self.thetas[0], 0), np.ones((len(X), 1))])
        return self.h @ self.thetas[1]

    def gradients(self, X, y):
        z = self.forward(X)
        e = np.exp(z - z.max(axis=1, keepdims=True))
        d = (e / e.sum(axis=1, keepdims=True) - np.eye(4)[y]) / len(y)
        return [self.a.T @ (d @ self.thetas[1][:-1].T), self.h.T @ d]


def as_it_is():
    net = BiasAsRow()
    return adapt(PROBLEM, lambda: net.thetas, logits=net.forward, gradients=net.gradients)


def in_views():
    net = BiasAsRow()

    def split(thetas):
        return [part for theta in thetas for part in (theta[:-1], theta[-1])]

    return adapt(
        PROBLEM,
        lambda: split(net.thetas),
        logits=net.forward,
        gradients=lambda X, y: split(net.gradients(X, y)),
    )


def results(flagged):
    """Return what the checks would have found, of all that were made."""
    return [
        Result(
            name, Outcome.PASSED if measured <= 1 else Outcome.FLAGGED, "", evidence, Setting(), 0
        )
        for name in CHECKS
        for measured in (2.0 if name in flagged else 0.0,)
        for evidence in (Evidence(measured, 1.0, "", ""),)
    ]


def shown(found):
    console = Console(file=StringIO(), width=80)
    console.print(found)
    return console.file.getvalue()


def test_what_was_not_compared_is_said_and_what_can_be_done():
    found = diagnose(observe(implementation_of(as_it_is)), results(["parameter_differences"]))
    assert found.ids == ()
    text = " ".join(shown(found).split())
    assert "its arrays (0 (6, 7), 1 (8, 4)) can't be read as one weight and one bias" in text
    assert "attributes(net, " in text
    assert "Its answers to the probes are the reference's" not in text
    assert "5-7-4" in json.dumps(found.to_dict()["not_compared"])


def test_given_in_views_it_is_compared():
    found = diagnose(observe(implementation_of(in_views)), seconds=0)
    assert found.ids[0] == ("GB041",)
    assert found.unread == ()


def test_the_checks_alone_speak_for_the_bug_that_they_flag():
    row = find("GB053").bug
    found = diagnose(observe(implementation_of(as_it_is)), results(row.caught_by))
    assert found.rows[0].share == 1
    assert "GB053" in {r.id for r in found.rows if r.share == 1}
    assert "weak evidence" in found.summary
    data = json.loads(json.dumps(found.to_dict()))
    assert data["by_checks_alone"][0]["share"] == 1
    assert all(line == line.rstrip() and len(line) <= 80 for line in shown(found).splitlines())
    assert found.rows[0].id in found._repr_html_()


def test_bugs_of_another_activation_are_not_named():
    flagged = find("GB043").bug.caught_by  # of tanh, and this network has none
    found = diagnose(observe(implementation_of(as_it_is)), results(flagged))
    assert "GB043" not in {row.id for row in found.rows}


@pytest.mark.parametrize("flagged", [list(CHECKS), []])
def test_no_known_bug_fits_by_the_checks_alone(flagged):
    observation = observe(implementation_of(as_it_is))
    assert by_rows(results(flagged), observation) == ()
    if flagged:
        found = diagnose(observation, results(flagged))
        assert found.summary.startswith("By the checks alone, no known bug fits.")


def test_a_network_that_comes_in_another_dtype_says_so():
    def make_network(sizes, *, activation, loss, l2, dtype, rng):
        if dtype != np.float64:
            msg = "it comes in float64 only"
            raise NotProvidedError(msg)
        return FeaturesFirst(sizes, activation=activation, loss=loss, l2=l2, dtype=dtype, rng=rng)

    own = Implementation(name="own", make_network=make_network)
    found = diagnose(observe(own, Setting(dtype=np.float32)), results(["asked_twice"]))
    assert found.unread == ("it comes in float64 only",)
    assert "attributes(" not in shown(found)


def test_of_several_problems_those_that_it_comes_as_are_compared():
    def make_network(sizes, *, activation, loss, l2, dtype, rng):
        if len(sizes) != 3:
            raise NotProvidedError
        return BiasForgotten(sizes, activation=activation, loss=loss, l2=l2, dtype=dtype, rng=rng)

    own = Implementation(name="own", make_network=make_network)
    found = diagnose(observe(own), seconds=0)
    assert found.ids[0] == ("GB054",)
    assert found.unread == ()
