"""Logits and loss by the formulas: another function is flagged, another layout isn't."""

from dataclasses import replace

import numpy as np
import pytest

import reference_mlp as mlp
from reference_mlp.testing import CHECKS, PROBLEMS, Implementation, Outcome, assemble, run_check
from reference_mlp.testing.layouts import readings
from tests.testing.rewrites import FeaturesFirst

ORC = CHECKS["forward_formulas"]


class _LeCunTanh(mlp.Tanh):
    """1.7159 tanh(2 z / 3), with its own derivative."""

    def forward(self, z):
        h = 1.7159 * np.tanh(2 * z / 3)
        return h.astype(z.dtype), h.astype(z.dtype)

    def backward(self, cache, dh):
        return (dh * (2 / 3) * (1.7159 - cache**2 / 1.7159)).astype(dh.dtype)


class _UnhalvedSquares(mlp.SquaredError):
    def value(self, z, y):
        return 2 * super().value(z, y)

    def gradient(self, z, y):
        return 2 * super().gradient(z, y)


class _UnhalvedPenalty(mlp.L2Penalty):
    def value(self, params):
        return 2 * super().value(params)

    def gradient(self, params):
        return {name: 2 * g for name, g in super().gradient(params).items()}


@pytest.mark.parametrize(
    ("parts", "what", "problem"),
    [
        ({"tanh": _LeCunTanh}, "logits[", "tanh network"),
        ({"squared_error": _UnhalvedSquares}, "loss is", "squared error"),
        ({"penalty": _UnhalvedPenalty}, "loss is", "L2"),
    ],
)
def test_a_consistent_other_function_is_flagged_and_named(parts, what, problem):
    result = run_check(ORC, assemble("bug", **parts))
    assert result.outcome is Outcome.FLAGGED
    assert result.message.startswith(what)
    assert problem in result.message
    assert "by the formula" in result.message


def test_a_doubled_loss_shows_as_a_ratio_of_two():
    only = next(p for p in PROBLEMS if p.targets == "column")
    bug = replace(assemble("bug", squared_error=_UnhalvedSquares), problems=(only,))
    assert "(ratio 2)" in run_check(ORC, bug).message


def test_a_loss_of_rows_instead_of_a_number_is_flagged():
    class Rows(mlp.Network):
        def loss(self, X, y):
            return np.full(len(X), super().loss(X, y))

    result = run_check(ORC, assemble("bug", network=Rows))
    assert result.outcome is Outcome.FLAGGED
    assert "loss of shape (6,), expected ()" in result.message


class _NaiveTextbook(FeaturesFirst):
    """The textbook's formulas as they stand: no shift, log of a softmax, log of 1 - s."""

    def _data_loss(self, z, y):
        k, n = z.shape
        if self.kind_of_loss == "softmax_cross_entropy":
            t = y.T if y.ndim == 2 else (np.arange(k)[:, None] == y).astype(z.dtype)
            p = np.exp(z) / np.exp(z).sum(axis=0)
            return -(t * np.log(p)).sum() / n, (p - t) / n
        if self.kind_of_loss == "sigmoid_binary_cross_entropy":
            s, t = 1 / (1 + np.exp(-z)), y.T
            return -(t * np.log(s) + (1 - t) * np.log(1 - s)).sum() / n, (s - t) / n
        return super()._data_loss(z, y)


@pytest.mark.parametrize("factor", [1, 3])
def test_naive_arithmetic_is_not_another_function(factor):
    problems = tuple(p.enlarged(factor) if factor > 1 else p for p in PROBLEMS)
    stranger = Implementation(name="naive", make_network=_NaiveTextbook, problems=problems)
    result = run_check(ORC, stranger)
    assert result.outcome is Outcome.PASSED, result.message


def test_arrays_that_are_no_perceptron_are_not_judged():
    class Scaled(FeaturesFirst):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.params["scale"] = np.ones(1)

    result = run_check(ORC, Implementation(name="scaled", make_network=Scaled))
    assert result.outcome is Outcome.NOT_APPLICABLE


def test_where_all_widths_are_equal_both_orientations_are_read():
    params = {"W": np.ones((3, 3)), "b": np.ones(3)}
    assert {reading.inputs_first for reading in readings(params, (3, 3))} == {True, False}
    square = replace(PROBLEMS[1], sizes=(4, 4, 4, 4))
    for factory in (assemble().make_network, FeaturesFirst):
        implementation = Implementation(name="square", make_network=factory, problems=(square,))
        assert run_check(ORC, implementation).outcome is Outcome.PASSED
