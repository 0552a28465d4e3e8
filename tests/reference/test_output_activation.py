"""Networks whose outputs go through an activation, as many a first network has them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from reference_mlp import mlp, sigmoid
from reference_mlp.testing import CHECKS, Outcome, Problem, Setting, assemble, run_check
from reference_mlp.testing.certified import check_gradients

UNITS = ("sigmoid", "tanh", "relu", "identity")


def of(last, **options):
    return mlp((4, 6, 3), rng=np.random.default_rng(0), activation=("tanh", last), **options)


def test_it_follows_the_last_layer():
    plain, squashed = of("identity"), of("sigmoid")
    X = np.random.default_rng(1).normal(size=(5, 4))
    np.testing.assert_array_equal(squashed.logits(X), sigmoid(plain.logits(X)))
    assert list(squashed.params) == list(plain.params) == ["0.W", "0.b", "2.W", "2.b"]


@pytest.mark.parametrize("last", UNITS)
def test_its_slope_is_in_the_gradients(last):
    rng = np.random.default_rng(2)
    X, y = rng.normal(size=(5, 4)), rng.uniform(size=(5, 3))
    assert check_gradients(of(last, loss="squared_error"), X, y, rng=0)


def test_without_one_the_network_is_as_it_was():
    rngs = [np.random.default_rng(0) for _ in range(2)]
    one = mlp((4, 6, 3), rng=rngs[0], activation="tanh", dropout=0.5)
    other = mlp((4, 6, 3), rng=rngs[1], activation=("tanh",), dropout=0.5)
    assert [type(layer) for layer in one.layers] == [type(layer) for layer in other.layers]
    assert len(one.layers) == 4  # linear, activation, dropout, linear
    assert rngs[0].bit_generator.state == rngs[1].bit_generator.state


def test_one_name_too_many_is_refused():
    with pytest.raises(ValueError, match=r"has 3 names, expected 1, one a hidden layer, or one"):
        mlp((4, 6, 3), rng=np.random.default_rng(0), activation=("tanh",) * 3)


@pytest.mark.parametrize("last", UNITS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_checks_take_it(last, dtype):
    problem = Problem("mine", (4, 6, 5, 3), ("tanh", "sigmoid", last), "squared_error", "reals", 5)
    reference = replace(assemble(), problems=(problem,))
    for name, check in CHECKS.items():
        if set(check.needs) == {"problems", "make_network"}:
            found = run_check(check, reference, setting=Setting(0, dtype))
            assert found.outcome not in {Outcome.FLAGGED, Outcome.CRASHED}, (name, found.message)


def test_another_one_than_it_says_is_flagged():
    problem = Problem("mine", (4, 6, 3), ("tanh", "sigmoid"), "squared_error", "reals", 5)
    own = replace(assemble(), problems=(problem,))
    make = own.make_network

    def without(sizes, *, activation, **rest):
        return make(sizes, activation=activation[:1], **rest)

    own = replace(own, make_network=without)
    assert run_check(CHECKS["forward_formulas"], own).outcome is Outcome.FLAGGED
