"""The check of precision both ways: short numbers on the way are flagged, long ones pass."""

import numpy as np
import pytest

import reference_mlp as r
from reference_mlp.testing import CHECKS, Implementation, Outcome, Setting, assemble
from reference_mlp.testing import run_check as run
from tests.testing.rewrites import FeaturesFirst

CHECK = CHECKS["cross_precision"]


class _HalfTanh(r.Tanh):
    def forward(self, z):
        t = np.tanh(z.astype(np.float16)).astype(z.dtype)
        return t, z


class _SingleProduct(r.Linear):
    def forward(self, x, params):
        z = np.float32(x) @ np.float32(params["W"]) + params["b"]
        return z.astype(x.dtype), x


class _InputGradientInSingle(r.Network):
    def input_gradient(self, X, y):
        return super().input_gradient(X, y).astype(np.float32).astype(self.dtype)


class _Doubled(r.Linear):
    """More careful than need be: products in float64 whatever the dtype."""

    def forward(self, x, params):
        z = np.float64(x) @ np.float64(params["W"]) + np.float64(params["b"])
        return z.astype(x.dtype), x


class _RowByRow(r.Linear):
    """Less careful than it might be: sums term by term, in the order of the columns."""

    def forward(self, x, params):
        z = np.zeros((len(x), params["W"].shape[1]), x.dtype)
        for i, row in enumerate(params["W"]):
            z += x[:, i : i + 1] * row
        return z + params["b"], x


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("replaced", "what"),
    [
        ({"tanh": _HalfTanh}, "tanh network"),
        ({"linear": _SingleProduct}, "in float64 jumps by"),
        ({"network": _InputGradientInSingle}, "dL/dX in float64 jumps by"),
    ],
)
def test_fewer_digits_on_the_way_are_flagged_with_the_result_that_lacks_them(replaced, what, dtype):
    for seed in range(3):
        found = run(CHECK, assemble("short", **replaced), setting=Setting(seed, dtype))
        assert found.outcome is Outcome.FLAGGED
        assert what in found.message
        assert found.evidence.measured > 30 * found.evidence.threshold


def test_a_float32_result_that_differs_from_the_float64_one_is_flagged():
    class Rate(r.Sigmoid):
        def forward(self, z):
            # A constant that has been typed in with five digits for float32.
            e = np.float32(2.7183) if z.dtype == np.float32 else np.e
            s = 1 / (1 + e ** (-z))
            return s, z

    found = run(CHECK, assemble("five digits", sigmoid=Rate))
    assert found.outcome is Outcome.FLAGGED
    assert "in float32 is off by" in found.message
    assert found.message.endswith("sigmoid network, binary cross-entropy")


@pytest.mark.parametrize("linear", [_Doubled, _RowByRow])
def test_more_or_less_careful_sums_pass(linear):
    for seed in range(4):
        found = run(CHECK, assemble("other sums", linear=linear), setting=Setting(seed))
        assert found.outcome is Outcome.PASSED, found.message


def test_what_one_call_leaves_to_the_next_is_not_judged_here():
    class Growing(FeaturesFirst):
        calls = 0

        def gradients(self, X, y):
            self.calls += 1
            return {name: self.calls * g for name, g in super().gradients(X, y).items()}

    assert run(CHECK, Implementation(name="g", make_network=Growing)).outcome is Outcome.PASSED


def test_a_network_of_one_precision_is_not_judged():
    class Double(FeaturesFirst):
        def __init__(self, sizes, *, dtype, **kwargs):
            super().__init__(sizes, dtype=np.float64, **kwargs)

    found = run(CHECK, Implementation(name="double", make_network=Double))
    assert found.outcome is Outcome.NOT_APPLICABLE


def test_a_gradient_of_another_shape_in_float32_is_named():
    class Ragged(FeaturesFirst):
        def gradients(self, X, y):
            grads = super().gradients(X, y)
            return {n: g if g.dtype == np.float64 else g[None] for n, g in grads.items()}

    found = run(CHECK, Implementation(name="ragged", make_network=Ragged))
    assert found.outcome is Outcome.FLAGGED
    assert "the gradient of W1 in float32 has shape (1, 9, 7), expected (9, 7)" in found.message
