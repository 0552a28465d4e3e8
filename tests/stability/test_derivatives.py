"""The slopes of sigmoid and tanh to the last place, also where the output has rounded to 1."""

import numpy as np
import pytest
import scipy.special

import reference_mlp as r
from reference_mlp import functions
from reference_mlp.testing import Outcome, assemble, run_check
from reference_mlp.testing.registry import CHECKS
from reference_mlp.testing.stability import check_stability, measure

DERIVATIVES = ["sigmoid_derivative", "tanh_derivative"]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("name", DERIVATIVES)
def test_a_layer_hands_down_its_derivative_to_two_ulps(name, dtype):
    layer = r.ACTIVATIONS[name.removesuffix("_derivative")]()

    def derivative(z):
        _, cache = layer.forward(z)
        return layer.backward(cache, np.ones_like(z))

    assert measure(derivative, name, dtype=dtype).maximum <= 2


@pytest.mark.parametrize("name", DERIVATIVES)
def test_derivatives_just_below_a_power_of_two_are_within_two_ulps(name):
    # There a rounding of the exponential, which lies just above one, is a whole ULP of the result.
    powers = 2.0 ** -np.arange(2, 60)
    w = 2 * powers / (1 + np.sqrt(1 - 4 * powers))  # the smaller s with s (1 - s) = 2^-k
    z = np.log((1 - w) / w) / (1 if name == "sigmoid_derivative" else 2)
    away = np.abs(np.random.default_rng(0).normal(0, 0.02, (500, 1)))
    found = measure(getattr(functions, name), name, arguments=(np.ravel(z + away),))
    assert 1.5 < found.maximum <= 2


class FromTheOutput(r.Sigmoid):
    """s (1 - s), as torch and JAX have it: no digits where s is about 1, and no harm done."""

    def forward(self, z):
        s = scipy.special.expit(z)
        return s, s

    def backward(self, cache, dh):
        return dh * cache * (1 - cache)


def test_a_derivative_from_the_output_loses_its_digits_and_is_not_flagged_for_it():
    def derivative(z):
        _, cache = FromTheOutput().forward(z)
        return FromTheOutput().backward(cache, np.ones_like(z))

    found = measure(derivative, "sigmoid_derivative")
    assert found.maximum > 1e15
    assert check_stability(derivative, like="sigmoid_derivative").stable
    theirs = assemble("as in torch", sigmoid=FromTheOutput)
    for check in CHECKS.values():
        if {"activations", "make_network"} & set(check.needs) and "fit" not in check.needs:
            assert run_check(check, theirs).outcome is not Outcome.FLAGGED, check.name
