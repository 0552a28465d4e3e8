"""The checks in ULPs both ways: right code passes, each kind of unstable code is flagged."""

import inspect

import numpy as np
import pytest
import scipy.special

import reference_mlp as r
from buggy_variants.catalog import catalog
from reference_mlp.testing import Check, Implementation, Outcome, Setting, assemble, run_check
from reference_mlp.testing.checks import ulps

NAMES = ("softmax_ulps", "activation_ulps", "loss_ulps")


def as_check(name):
    function = getattr(ulps, name)
    _, *needs = inspect.signature(function).parameters
    return Check(name, name, str(function.__doc__), tuple(needs), function)


CHECKS = {name: as_check(name) for name in NAMES}
FLAGGED = {
    "GB001": {"softmax_ulps", "loss_ulps"},
    "GB002": {"softmax_ulps"},  # of single rows, as losses are measured, it is right
    "GB003": {"loss_ulps"},
    "GB004": {"loss_ulps"},
    "GB005": {"loss_ulps"},
    "GB008": set(),  # every value is right; the warning has a check of its own
}


class TwoSidedSigmoid(r.ACTIVATIONS["sigmoid"]):
    def forward(self, z):
        s = np.where(
            z >= 0, 1 / (1 + np.exp(-np.abs(z))), np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z)))
        )
        return s, z


class TanhThatCancels(r.ACTIVATIONS["tanh"]):
    def forward(self, z):
        t = 1 - 2 / (np.exp(2 * np.clip(z, -40, 40)) + 1)
        return t, z


class TextbookEntropy(r.SoftmaxCrossEntropy):
    """As usually written: nothing of a confident right answer's loss is left, and no harm done."""

    def value(self, z, y):
        return -scipy.special.log_softmax(z, axis=1)[np.arange(len(z)), y].mean()

    def gradient(self, z, y):
        p = self.softmax(z)
        p[np.arange(len(z)), y] -= 1
        return p / len(z)


def outcomes(implementation):
    return {n: run_check(CHECKS[n], implementation).outcome for n in NAMES}


def test_the_reference_passes():
    for name in NAMES:
        result = run_check(CHECKS[name], assemble(), setting=Setting(seed=3, dtype=np.float32))
        assert result.outcome is Outcome.PASSED, result.message
        assert result.evidence.measured <= 0.7 * result.evidence.threshold


@pytest.mark.parametrize(
    "replaced",
    [
        {"softmax": lambda z: scipy.special.softmax(z, axis=1)},
        {"sigmoid": TwoSidedSigmoid},
        {"softmax_cross_entropy": TextbookEntropy},
    ],
)
def test_legal_rewrites_pass(replaced):
    assert set(outcomes(assemble("rewrite", **replaced)).values()) == {Outcome.PASSED}


@pytest.mark.parametrize("variant", FLAGGED)
def test_unstable_variants_are_flagged_where_their_numbers_are_wrong(variant):
    found = outcomes(catalog()[variant].implementation)
    assert {n for n, o in found.items() if o is Outcome.FLAGGED} == FLAGGED[variant]
    assert {o for n, o in found.items() if n not in FLAGGED[variant]} <= {Outcome.PASSED}


def test_a_cancelling_tanh_is_flagged_with_its_argument():
    result = run_check(CHECKS["activation_ulps"], assemble("bad", tanh=TanhThatCancels))
    assert result.outcome is Outcome.FLAGGED
    assert "tanh of float" in result.message
    assert "ULP, condition number" in result.message


def test_without_its_part_a_check_does_not_apply():
    assert set(outcomes(Implementation(name="nothing")).values()) == {Outcome.NOT_APPLICABLE}
