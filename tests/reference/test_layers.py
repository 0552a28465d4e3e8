import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_mlp import ACTIVATIONS, Identity, Linear, Relu, Sigmoid, Tanh

relaxed = settings(max_examples=50, deadline=None)
DTYPES = [np.float32, np.float64]
FORMULAS = {
    # name: h(z), h'(z)
    "relu": (lambda z: np.where(z > 0, z, 0), lambda z: np.where(z > 0, 1.0, 0.0)),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: 0.25 / np.cosh(z / 2) ** 2),
    "tanh": (
        lambda z: (np.exp(2 * z) - 1) / (np.exp(2 * z) + 1),
        lambda z: 1 / np.cosh(z) ** 2,
    ),
    "identity": (lambda z: z, np.ones_like),
}


def test_every_activation_has_a_formula_here():
    assert FORMULAS.keys() == ACTIVATIONS.keys()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", FORMULAS)
def test_activations_and_their_derivatives(name, dtype):
    rng = np.random.default_rng(0)
    z = rng.normal(0, 2, (5, 7)).astype(dtype)
    dh = rng.normal(size=(5, 7)).astype(dtype)
    h, cache = ACTIVATIONS[name]().forward(z)
    dz = ACTIVATIONS[name]().backward(cache, dh)
    function, derivative = FORMULAS[name]
    exact = z.astype(np.float64)
    assert h.dtype == dz.dtype == dtype
    np.testing.assert_allclose(h, function(exact), rtol=8 * np.finfo(dtype).eps, atol=1e-15)
    np.testing.assert_allclose(dz, dh * derivative(exact), rtol=8 * np.finfo(dtype).eps)


@pytest.mark.parametrize("name", FORMULAS)
def test_activations_leave_their_arguments_alone_and_remember_nothing(name):
    rng = np.random.default_rng(1)
    layer = ACTIVATIONS[name]()
    z, other, dh = rng.normal(size=(3, 4, 5))
    for array in (z, other, dh):
        array.flags.writeable = False
    h, cache = layer.forward(z)
    before = h.copy()
    first = layer.backward(cache, dh)
    _, other_cache = layer.forward(other)
    layer.backward(other_cache, dh)
    np.testing.assert_array_equal(layer.backward(cache, dh), first)
    np.testing.assert_array_equal(h, before)
    assert vars(layer) == {}


def test_relu_has_slope_zero_at_zero():
    z = np.array([-0.0, 0.0, 5e-324, -5e-324])
    h, cache = Relu().forward(z)
    np.testing.assert_array_equal(h, [0, 0, 5e-324, 0])
    np.testing.assert_array_equal(Relu().backward(cache, np.full(4, 3.0)), [0, 0, 3, 0])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("layer", [Sigmoid, Tanh])
def test_a_unit_whose_output_has_rounded_to_1_still_has_its_slope(layer, dtype):
    z = np.array([-40, 40], dtype)
    h, cache = layer().forward(z)
    assert h[1] == 1
    # Beside 1 the exponential is nothing, so that the slope is e^-z, and of tanh 4 e^-2z.
    slope = np.exp(-40.0) if layer is Sigmoid else 4 * np.exp(-80.0)
    got = layer().backward(cache, np.ones(2, dtype))
    np.testing.assert_allclose(got, slope, rtol=np.finfo(dtype).eps)


def test_saturated_sigmoid_is_finite_and_dies():
    z = np.array([-1e6, 1e6])
    h, cache = Sigmoid().forward(z)
    np.testing.assert_array_equal(h, [0, 1])
    np.testing.assert_array_equal(Sigmoid().backward(cache, np.ones(2)), [0, 0])


def test_identity_passes_both_ways():
    z = np.array([[1.0, -2.0]])
    h, cache = Identity().forward(z)
    np.testing.assert_array_equal(h, z)
    np.testing.assert_array_equal(Identity().backward(cache, 3 * z), 3 * z)


def linear_case(n, n_in, n_out, seed=0, dtype=np.float64):
    rng = np.random.default_rng(seed)
    shapes = {"W": (n_in, n_out), "b": (n_out,), "x": (n, n_in), "dz": (n, n_out)}
    arrays = {name: rng.normal(size=shape).astype(dtype) for name, shape in shapes.items()}
    return {name: arrays[name] for name in "Wb"}, arrays["x"], arrays["dz"]


def test_linear_entry_by_entry():
    params, x, dz = linear_case(3, 4, 2)
    W, b = params["W"], params["b"]
    z, cache = Linear().forward(x, params)
    dx, grads = Linear().backward(cache, dz, params)
    for n in range(3):
        for k in range(2):
            assert z[n, k] == pytest.approx(sum(x[n, d] * W[d, k] for d in range(4)) + b[k])
        for d in range(4):
            assert dx[n, d] == pytest.approx(sum(dz[n, k] * W[d, k] for k in range(2)))
    for k in range(2):
        assert grads["b"][k] == pytest.approx(sum(dz[n, k] for n in range(3)))
        for d in range(4):
            wanted = sum(x[n, d] * dz[n, k] for n in range(3))
            assert grads["W"][d, k] == pytest.approx(wanted)


sizes = st.integers(1, 9)


@relaxed
@given(sizes, sizes, sizes, st.integers(0, 2**32), st.sampled_from(DTYPES))
def test_linear_backward_is_the_transpose_of_forward(n, n_in, n_out, seed, dtype):
    """<dz, J u> = <J^T dz, u> for a direction u in x, W and b: linear, so to rounding."""
    params, x, dz = linear_case(n, n_in, n_out, seed, dtype)
    way, u, _ = linear_case(n, n_in, n_out, seed + 1, dtype)
    _, cache = Linear().forward(x, params)
    dx, grads = Linear().backward(cache, dz, params)
    assert grads.keys() == params.keys()
    assert {name: (g.shape, g.dtype) for name, g in grads.items()} == {
        name: (p.shape, p.dtype) for name, p in params.items()
    }
    assert (dx.shape, dx.dtype) == (x.shape, x.dtype)
    wide = [a.astype(np.float64) for a in (u, params["W"], x, way["W"], way["b"], dz)]
    forward = (wide[0] @ wide[1] + wide[2] @ wide[3] + wide[4]) * wide[5]
    terms = [dx * u, grads["W"] * way["W"], grads["b"] * way["b"]]
    size = sum(np.abs(t).sum(dtype=np.float64) for t in [forward, *terms])
    backward = sum(t.sum(dtype=np.float64) for t in terms)
    assert abs(forward.sum() - backward) <= 32 * np.finfo(dtype).eps * size


def test_linear_leaves_its_arguments_alone():
    params, x, dz = linear_case(5, 3, 4)
    for array in (*params.values(), x, dz):
        array.flags.writeable = False
    _, cache = Linear().forward(x, params)
    first = Linear().backward(cache, dz, params)
    again = Linear().backward(cache, dz, params)
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1]["W"], again[1]["W"])
