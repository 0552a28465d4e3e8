"""The checks of single layers: what they flag, and that they pass other correct code."""

import numpy as np
import pytest

from reference_mlp import BatchNorm, Linear, Network, Relu, Tanh, mlp
from reference_mlp.testing import CHECKS, Implementation, Outcome, Setting, assemble, run_check


def result_of(name, implementation, *, seed=0, dtype=np.float64):
    return run_check(CHECKS[name], implementation, setting=Setting(seed, dtype))


class Softsign:
    def forward(self, z):
        return z / (1 + np.abs(z)), z

    def backward(self, cache, dh):
        return dh / (1 + np.abs(cache)) ** 2


class LeakyRelu:
    def forward(self, z):
        return np.where(z > 0, z, 0.1 * z), z

    def backward(self, cache, dh):
        return dh * np.where(cache > 0, 1, 0.1).astype(dh.dtype)


class WideLinear:
    """Correct, by einsum, and with the bias as one more row of the weights."""

    def forward(self, x, params):
        x1 = np.concatenate([x, np.ones((len(x), 1), x.dtype)], axis=1)
        return np.einsum("ni,io->no", x1, np.vstack([params["W"], params["b"]])), x1

    def backward(self, x1, dz, params):
        d = np.einsum("ni,no->io", x1, dz)
        return np.einsum("no,io->ni", dz, params["W"]), {"W": d[:-1], "b": d[-1]}


class LinearForgettingRows(Linear):
    def backward(self, cache, dz, params):
        dx, grads = super().backward(cache, dz, params)
        return dx, grads | {"b": dz[0]}


class TanhCut(Tanh):
    def backward(self, cache, dh):
        return super().backward(np.minimum(cache, 0.9), dh)


def implementation(*, linear=Linear, **activations):
    return Implementation(name="own", linear=linear, activations=activations)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("seed", range(5))
def test_layers_written_otherwise_pass(seed, dtype):
    own = implementation(linear=WideLinear, softsign=Softsign, leaky=LeakyRelu, relu=Relu)
    for name in ("layer_differences", "relu_at_zero"):
        assert result_of(name, own, seed=seed, dtype=dtype).outcome is Outcome.PASSED


def test_a_bias_gradient_of_the_first_row_is_named():
    found = result_of("layer_differences", implementation(linear=LinearForgettingRows, tanh=Tanh))
    assert found.outcome is Outcome.FLAGGED
    assert "linear" in found.message
    assert "db[" in found.message


def test_a_slope_that_is_wrong_only_where_saturated_is_named():
    found = result_of("layer_differences", implementation(tanh=TanhCut, relu=Relu))
    assert found.outcome is Outcome.FLAGGED
    assert "tanh" in found.message
    assert "dx[" in found.message


def test_a_half_at_the_kink_is_flagged():
    class ReluHalf(Relu):
        def backward(self, cache, dh):
            return dh * np.heaviside(cache, 0.5)

    found = result_of("relu_at_zero", implementation(relu=ReluHalf))
    assert found.outcome is Outcome.FLAGGED
    assert "6 of 6" in found.message


class BatchNormWithoutVariance(BatchNorm):
    def backward(self, cache, dz, params):
        _, reciprocal = cache
        dx = (dz - dz.mean(axis=0)) * params["gamma"] * reciprocal
        return dx, super().backward(cache, dz, params)[1]


def test_batch_normalisation_through_the_mean_only_is_flagged():
    right, wrong = (
        Implementation(name="own", batch_norm=kind)
        for kind in (BatchNorm, BatchNormWithoutVariance)
    )
    assert result_of("batch_norm_differences", right, seed=9).outcome is Outcome.PASSED
    found = result_of("batch_norm_differences", wrong)
    assert found.outcome is Outcome.FLAGGED
    assert "dx[" in found.message


class AveragingUses(Network):
    def backward(self, tape, y):
        grads, dX = super().backward(tape, y)
        return {k: g / 2 if k == "2.b" else g for k, g in grads.items()}, dX


def test_the_mean_over_uses_of_a_tied_bias_is_named():
    found = result_of("tied_weights", assemble("own", network=AveragingUses))
    assert found.outcome is Outcome.FLAGGED
    assert "2.b[" in found.message


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_another_unrolled_network_passes(dtype):
    def make(sizes, **options):
        return mlp(sizes, tied=True, linear=WideLinear, **options)

    own = Implementation(name="own", make_tied_network=make)
    assert result_of("tied_weights", own, seed=3, dtype=dtype).outcome is Outcome.PASSED
