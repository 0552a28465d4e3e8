"""The check as a check of the matrix: it passes the reference and flags planted bugs."""

import numpy as np
import pytest

import reference_mlp as mlp
import reference_mlp.testing.checks.certified
from reference_mlp.testing import CHECKS, Outcome, Setting, assemble, run_check

NAMES = ["certified_gradients", "symmetric_jacobian", "layer_adjoints"]
assert reference_mlp.testing.checks.certified


class _MeanInBias(mlp.Linear):
    def backward(self, cache, dz, params):
        dx, grads = super().backward(cache, dz, params)
        return dx, grads | {"b": dz.mean(axis=0)}


class _RowBias(mlp.Linear):
    def backward(self, cache, dz, params):
        dx, grads = super().backward(cache, dz, params)
        return dx, grads | {"b": grads["b"][None]}


class _HalfPenalty(mlp.L2Penalty):
    def gradient(self, params):
        return {name: 0.5 * g for name, g in super().gradient(params).items()}


def _outcome(name, implementation, seed=0, dtype=np.float64):
    return run_check(CHECKS[name], implementation, setting=Setting(seed, dtype))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", NAMES)
def test_the_reference_passes(name, seed, dtype):
    result = _outcome(name, assemble(), seed, dtype)
    assert result.outcome is Outcome.PASSED, result.message
    assert result.evidence.measured <= result.evidence.threshold


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", NAMES)
def test_a_mean_in_a_bias_is_flagged(name, dtype):
    result = _outcome(name, assemble("bug", linear=_MeanInBias), dtype=dtype)
    assert result.outcome is Outcome.FLAGGED
    assert result.evidence.measured > result.evidence.threshold


@pytest.mark.parametrize("name", NAMES)
def test_gradients_of_another_shape_are_flagged_and_do_not_crash(name):
    result = _outcome(name, assemble("bug", linear=_RowBias))
    assert result.outcome is Outcome.FLAGGED
    assert "shape (1, 9)" in result.message


def test_half_a_penalty_is_the_gradient_of_another_function():
    bug = assemble("bug", penalty=_HalfPenalty)
    assert _outcome("certified_gradients", bug).outcome is Outcome.FLAGGED
    assert _outcome("layer_adjoints", bug).outcome is Outcome.FLAGGED
    assert _outcome("symmetric_jacobian", bug).outcome is Outcome.PASSED


def test_networks_without_layers_have_no_adjoints():
    def make_network(sizes, **kwargs):
        net = mlp.mlp(sizes, **kwargs)
        return type("Shut", (), {"params": net.params, "trainable": net.trainable})()

    from reference_mlp.testing import Implementation

    result = _outcome("layer_adjoints", Implementation(name="shut", make_network=make_network))
    assert result.outcome is Outcome.NOT_APPLICABLE
