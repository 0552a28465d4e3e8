"""Answers held against each other: rounding is no difference, everything else is one."""

from __future__ import annotations

import numpy as np
import pytest

from buggy_variants.diagnosis.compare import Fit, Sheet, alike, differences, fit_of, tolerance_of

TOLERANCE = tolerance_of(np.float64)


def same(a, b, tolerance=TOLERANCE):
    return alike("q", Sheet({"q": a}), Sheet({"q": b}), tolerance=tolerance)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (np.array([1.0, np.nan]), np.array([1.0, np.nan])),
        (np.array([np.inf, -np.inf]), np.array([np.inf, -np.inf])),
        (np.array([1e300, 1.0]), np.array([1e300 * (1 + 1e-15), 2.0])),
        ("ValueError", "ValueError"),
        (np.zeros(0), np.zeros(0)),
    ],
)
def test_the_same_but_for_rounding(a, b):
    assert same(a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (np.array([1.0, np.nan]), np.array([1.0, 2.0])),
        (np.array([np.inf]), np.array([-np.inf])),
        (np.array([np.inf]), np.array([np.nan])),
        (np.array([1.0]), np.array([1.0 + 1e-9])),
        (np.zeros((2, 1)), np.zeros(2)),
        (np.array([1.0]), "ValueError"),
        ("TypeError", "ValueError"),
        (np.array([1.0, -1.0]), np.array([-1.0, 1.0])),
    ],
)
def test_different(a, b):
    assert not same(a, b)


def test_an_array_is_compared_at_the_size_of_all_that_answer_the_question():
    small = np.array([1e-9]), np.array([1.001e-9])
    assert not same(*small)
    one, other = (Sheet({"q/big": np.array([1e6]), "q/small": a}) for a in small)
    assert alike("q/small", one, other, tolerance=TOLERANCE)


def test_explained_contradicted_and_unexplained():
    right = {"p": Sheet({"a": np.array(1.0), "b": np.array(2.0), "c": np.array(3.0)})}
    given = {"p": Sheet({"a": np.array(9.0), "b": np.array(8.0), "c": np.array(3.0)})}
    bug = {"p": Sheet({"a": np.array(9.0), "b": np.array(2.0), "c": np.array(4.0)})}
    wrong = differences(given, right, tolerance=TOLERANCE)
    assert wrong == {"p": frozenset("ab")}
    fit = fit_of(given, right, bug, wrong, tolerance=TOLERANCE)
    assert (fit.explained, fit.contradicted, fit.unexplained) == (1, 1, 1)
    assert not fit.perfect
    assert fit_of(given, right, given, wrong, tolerance=TOLERANCE).perfect


def test_a_third_answer_is_a_contradiction():
    right, given, bug = ({"p": Sheet({"a": np.array(x)})} for x in (1.0, 2.0, 3.0))
    wrong = differences(given, right, tolerance=TOLERANCE)
    # It explains nothing, and so it is no fit at all.
    assert fit_of(given, right, bug, wrong, tolerance=TOLERANCE) == Fit()


@pytest.mark.parametrize(("key", "same"), [("a: gradients/W1", True), ("a: loss", False)])
def test_gradients_below_the_digits_of_a_slope_are_as_good_as_none(key, same):
    # s (1 - s) is 0 where s has rounded to 1, and the loss there is no such difference.
    one, other = Sheet({key: np.zeros(2)}), Sheet({key: np.full(2, 1e-60)})
    assert alike(key, one, other, tolerance=1e-11) is same
