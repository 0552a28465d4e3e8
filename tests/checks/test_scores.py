"""The checks of accuracy and evaluation: other bugs than the catalog's, and other right code."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from reference_mlp import accuracy
from reference_mlp.evaluation import Evaluation
from reference_mlp.testing import CHECKS, PROBLEMS, Outcome, Setting, assemble, run_check
from tests.testing.rewrites import FeaturesFirst

every_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def run(check, dtype=np.float64, seed=3, **parts):
    return run_check(CHECKS[check], assemble("someone's", **parts), setting=Setting(seed, dtype))


def labels_of(y):
    return y if y.ndim == 1 else y.argmax(axis=1)


def by_sorting(scores, y):
    """The last of equal scores, where the reference takes the first; NaN is never right."""
    predicted = np.argsort(scores, axis=1, kind="stable")[:, -1]
    finite = np.isfinite(scores).all(axis=1)
    return np.float32(((predicted == labels_of(y)) & finite).sum() / len(y))


def nan_where_it_is(scores, y):
    return float("nan") if np.isnan(scores).any() else accuracy(scores, y)


@every_dtype
@pytest.mark.parametrize("other", [by_sorting, nan_where_it_is])
def test_other_right_accuracies_pass(other, dtype):
    result = run("accuracy_counts", dtype, accuracy=other)
    assert result.outcome is Outcome.PASSED, result.message


def at_least_as_large(scores, y):
    of_label = np.take_along_axis(scores, labels_of(y)[:, None], axis=1)
    return float((of_label >= scores).all(axis=1).mean())


def among_two(scores, y):
    best = np.argsort(-scores, axis=1)[:, :2]
    return float((best == labels_of(y)[:, None]).any(axis=1).mean())


def rounded(scores, y):
    return accuracy(np.round(scores), y)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (at_least_as_large, "four equal scores are right for 4 of the four labels, expected 1"),
        (among_two, "accuracy"),
        (rounded, "accuracy is"),
        (lambda z, y: 100 * accuracy(z, y), "accuracy is"),
        (lambda z, y: accuracy(np.nan_to_num(z, nan=1e9), y), "scores that are NaN is"),
    ],
    ids=["ties", "top two", "rounded", "percent", "NaN replaced"],
)
def test_a_wrong_accuracy_is_flagged(other, message):
    result = run("accuracy_counts", accuracy=other)
    assert result.outcome is Outcome.FLAGGED
    assert message in result.message


def at_once(network, X, y, *, batch_size=0):
    return Evaluation(float(network.loss(X, y)), accuracy(network.logits(X), y))


def row_by_row(network, X, y, *, batch_size=0):
    each = [at_once(network, X[i : i + 1], y[i : i + 1]) for i in range(len(X))]
    return Evaluation(*np.mean(each, axis=0))


@every_dtype
@pytest.mark.parametrize("other", [at_once, row_by_row])
def test_other_right_evaluations_pass(other, dtype):
    result = run("evaluation_weights", dtype, evaluate=other)
    assert result.outcome is Outcome.PASSED, result.message


@pytest.mark.parametrize(
    "other",
    [
        lambda net, X, y, batch_size: at_once(net, X[:batch_size], y[:batch_size]),
        lambda net, X, y, batch_size: at_once(net, X[-batch_size:], y[-batch_size:]),
        lambda net, X, y, batch_size: Evaluation(
            len(X) * float(net.loss(X, y)), accuracy(net.logits(X), y)
        ),
        lambda net, X, y, batch_size: Evaluation(
            float(net.loss(X, y)), 1 - accuracy(net.logits(X), y)
        ),
    ],
    ids=["first batch", "last batch", "summed", "error rate"],
)
@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_wrong_evaluation_is_flagged_and_names_the_batch_size(other, size):
    problems = tuple(problem.enlarged(size) for problem in PROBLEMS)
    for seed in range(5):
        wrong = replace(assemble("someone's", evaluate=other), problems=problems)
        result = run_check(CHECKS["evaluation_weights"], wrong, setting=Setting(seed))
        assert result.outcome is Outcome.FLAGGED
        assert "11 rows in batches of" in result.message


def test_it_judges_another_layout():
    stranger = replace(assemble(), make_network=FeaturesFirst)
    for name in ("evaluation_weights", "history_reported", "fit_replays"):
        assert run_check(CHECKS[name], stranger).outcome is Outcome.PASSED
