"""What must not matter: planted dependence on it is flagged, other layouts are not."""

from dataclasses import replace

import numpy as np
import pytest

import reference_mlp as mlp
from reference_mlp.testing import (
    CHECKS,
    PROBLEMS,
    Implementation,
    Outcome,
    Setting,
    assemble,
    run_check,
)
from tests.testing.rewrites import REWRITES

NAMES = ["row_order", "class_names", "batch_cut", "homogeneity"]


class _EarlyRowsCountMore(mlp.SoftmaxCrossEntropy):
    def gradient(self, z, y):
        weight = np.linspace(1.5, 0.5, len(z), dtype=z.dtype)
        return super().gradient(z, y) * weight[:, None]


class _ClassesWeighted(mlp.SoftmaxCrossEntropy):
    """A cross-entropy in which class k counts k + 1 times, gradient and all."""

    def _weights(self, z, y):
        labels = y if y.ndim == 1 else y.argmax(axis=1)
        return (labels + 1).astype(z.dtype)

    def value(self, z, y):
        w = self._weights(z, y)
        return np.mean(
            [v * super(_ClassesWeighted, self).value(*row) for v, *row in _rows(w, z, y)]
        )

    def gradient(self, z, y):
        return super().gradient(z, y) * self._weights(z, y)[:, None]


def _rows(w, z, y):
    return [(w[i], z[i : i + 1], y[i : i + 1]) for i in range(len(z))]


class _RootOfBatchSize(mlp.SquaredError):
    def gradient(self, z, y):
        return super().gradient(z, y) * z.dtype.type(np.sqrt(len(z)))


class _ShiftedRelu(mlp.Relu):
    def forward(self, z):
        return np.maximum(z - z.dtype.type(0.1), 0), z - z.dtype.type(0.1)


@pytest.mark.parametrize(
    ("name", "parts", "words"),
    [
        ("row_order", {"softmax_cross_entropy": _EarlyRowsCountMore}, "rows in reverse order"),
        ("class_names", {"softmax_cross_entropy": _ClassesWeighted}, "classes renamed"),
        ("batch_cut", {"squared_error": _RootOfBatchSize}, "batch of 6 against 2 and 4"),
        ("homogeneity", {"relu": _ShiftedRelu}, "inputs times"),
    ],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_matters_though_it_must_not_is_flagged(name, parts, words, dtype):
    result = run_check(CHECKS[name], assemble("bug", **parts), setting=Setting(3, dtype))
    assert result.outcome is Outcome.FLAGGED
    assert words in result.message


def test_weights_by_class_are_no_matter_of_row_order():
    bug = assemble("bug", softmax_cross_entropy=_ClassesWeighted)
    assert run_check(CHECKS["row_order"], bug).outcome is Outcome.PASSED


@pytest.mark.parametrize("name", ["class_names", "batch_cut"])
def test_gradients_of_another_shape_are_named(name):
    class RowBias(mlp.Linear):
        def backward(self, cache, dz, params):
            dx, grads = super().backward(cache, dz, params)
            return dx, grads | {"b": grads["b"][None, None]}

    result = run_check(CHECKS[name], assemble("bug", linear=RowBias))
    assert result.outcome is Outcome.FLAGGED
    assert "has shape (1, 1, 9), expected (9,)" in result.message


@pytest.mark.parametrize("factory", REWRITES)
@pytest.mark.parametrize("name", NAMES)
def test_strangers_pass_at_other_sizes(name, factory):
    problems = tuple(p.enlarged(2) for p in PROBLEMS)
    stranger = Implementation(name="stranger", make_network=factory, problems=problems)
    result = run_check(CHECKS[name], stranger, setting=Setting(7))
    assert result.outcome is Outcome.PASSED, result.message


def test_a_check_leaves_the_parameters_as_they_were():
    kept = []

    def make(*args, **kwargs):
        kept.append(assemble().make_network(*args, **kwargs))
        return kept[-1]

    for name in ("class_names", "homogeneity"):
        kept.clear()
        run_check(CHECKS[name], replace(assemble(), make_network=make))
        again = [network for _, network, *_ in Setting().cases(PROBLEMS, assemble().make_network)]
        for network, fresh in zip(kept, again, strict=True):
            for p in fresh.params:
                assert np.array_equal(network.params[p], fresh.params[p])


def test_a_single_row_and_a_single_output_have_no_order():
    lone = replace(PROBLEMS[4], n_rows=1)
    alone = replace(assemble(), problems=(lone,))
    for name in ("row_order", "class_names", "batch_cut"):
        assert run_check(CHECKS[name], alone).outcome is Outcome.NOT_APPLICABLE
