"""The check at saturated logits both ways: capped losses are flagged, sound ones pass."""

import numpy as np
import pytest
import scipy.special

import reference_mlp as r
from reference_mlp.testing import CHECKS, PROBLEMS, Implementation, Outcome, Setting, assemble
from reference_mlp.testing import run_check as run
from reference_mlp.testing.checks.saturation import against
from tests.testing.rewrites import REWRITES, FeaturesFirst

CHECK = CHECKS["saturated_differences"]
DTYPES = (np.float32, np.float64)


class _LogitsClippedInLoss(r.SoftmaxCrossEntropy):
    def value(self, z, y):
        return super().value(np.clip(z - z.max(axis=1, keepdims=True), -25, 0), y)


class _EpsilonInBinary(r.SigmoidBinaryCrossEntropy):
    def value(self, z, y):
        s, rest = scipy.special.expit(z), scipy.special.expit(-z)
        return -(y * np.log(s + 1e-8) + (1 - y) * np.log(rest + 1e-8)).sum(axis=1).mean()


class _ErrorCapped(r.SigmoidBinaryCrossEntropy):
    def gradient(self, z, y):
        return super().gradient(np.clip(z, -5, 5), y)


class _Textbook(r.SoftmaxCrossEntropy):
    def value(self, z, y):
        labels = y if y.ndim == 1 else y.argmax(axis=1)
        return -scipy.special.log_softmax(z, axis=1)[np.arange(len(z)), labels].mean()

    def gradient(self, z, y):
        return (scipy.special.softmax(z, axis=1) - r.one_hot(y, z.shape[1], dtype=z.dtype)) / len(z)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("replaced", "problem"),
    [
        ({"softmax_cross_entropy": _LogitsClippedInLoss}, "cross-entropy"),
        ({"sigmoid_binary_cross_entropy": _EpsilonInBinary}, "binary cross-entropy"),
        ({"sigmoid_binary_cross_entropy": _ErrorCapped}, "binary cross-entropy"),
    ],
)
def test_a_loss_or_a_gradient_that_stops_is_flagged_at_the_output_bias(replaced, problem, dtype):
    found = run(CHECK, assemble("capped", **replaced), setting=Setting(3, dtype))
    assert found.outcome is Outcome.FLAGGED
    assert found.message.partition("[")[0] in {"2.b", "4.b"}
    assert f"{problem}" in found.message
    assert found.message.endswith("saturated")


def test_a_stranger_s_output_bias_is_found_by_what_it_does():
    class Capped(FeaturesFirst):
        def _data_loss(self, z, y):
            value, dz = super()._data_loss(z, y)
            return min(value, 3.0), dz

    found = run(CHECK, Implementation(name="stranger", make_network=Capped))
    assert found.outcome is Outcome.FLAGGED
    assert found.message.startswith(("b2[", "b3["))


@pytest.mark.parametrize("dtype", DTYPES)
def test_other_forms_of_the_same_loss_pass(dtype):
    textbook = assemble("textbook", softmax_cross_entropy=_Textbook)
    strangers = [Implementation(name=f.__name__, make_network=f) for f in REWRITES]
    for implementation in (textbook, *strangers):
        for seed in range(3):
            found = run(CHECK, implementation, setting=Setting(seed, dtype))
            assert found.outcome is Outcome.PASSED, found.message
            assert found.evidence.measured < 0.1 * found.evidence.threshold


def test_what_does_not_saturate_or_has_no_bias_is_not_judged():
    class Biasless(r.Linear):
        def forward(self, x, params):
            return x @ params["W"], x

        def backward(self, cache, dz, params):
            dx, grads = super().backward(cache, dz, params)
            return dx, grads | {"b": np.zeros_like(params["b"])}

    squared = [p for p in PROBLEMS if p.loss == "squared_error"]
    made = assemble().make_network
    regression = Implementation(name="regression", make_network=made, problems=tuple(squared))
    assert run(CHECK, regression).outcome is Outcome.NOT_APPLICABLE
    assert run(CHECK, assemble("no bias", linear=Biasless)).outcome is Outcome.NOT_APPLICABLE


def test_the_first_sample_is_as_wrong_as_it_can_be():
    softmax = next(p for p in PROBLEMS if p.targets == "labels")
    for label in range(5):
        move = against(np.array([label]), softmax)
        assert move.argmin() == label
        assert np.ptp(move) == 60
        assert len(set(move)) == 5
    binary = next(p for p in PROBLEMS if p.targets == "fractions")
    assert against(np.array([[0.0, 0.4, 0.9]]), binary).tolist() == [60, 60, -60]
