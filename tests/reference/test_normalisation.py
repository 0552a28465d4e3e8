"""Batch normalisation against its definition, the complex step and torch."""

import numpy as np
import pytest

from reference_mlp import BatchNorm, Elementwise, Linear, Network, SoftmaxCrossEntropy, Tanh

DTYPES = [np.float32, np.float64]

# torch 2.13.0, torch.nn.functional.batch_norm(x, None, None, gamma, beta, training=True,
# eps=1e-5) and the gradients of (y * W).sum(), in float64.
X = np.array([[1, -2, 0.5], [3, 0.25, 0.5], [-1.5, 4, 0.5], [2, 1, 0.75]])
PARAMS = {"gamma": np.array([1.5, -0.5, 2.0]), "beta": np.array([0.1, 0.2, -0.3])}
W = np.array([[1, 2, -1], [0.5, -1, 0], [-2, 0.25, 3], [1, 1, 1]])
TORCH_Y = [
    [-0.012115063483805755, 0.8552773310839646, -1.4542081812357175],
    [1.7817259522570863, 0.33105546621679294, -1.4542081812357175],
    [-2.254416333159921, -0.5426476418951599, -1.4542081812357175],
    [0.8848054443866403, 0.15631484459440237, 3.1626245437071496],
]
TORCH_DX = [
    [0.8543290619932727, -0.18985844584787478, -30.780196945702443],
    [-0.7065090736480663, 0.39305517749898844, -12.31286604593097],
    [-0.44596010948542086, -0.0915939637761609, 43.08912665338343],
    [0.2981401211402147, -0.11160276787495274, 0.003936338249977835],
]
TORCH_DGAMMA = [4.148257348900813, -1.9003042601434974, 0.5771040906178584]
TORCH_DBETA = [0.5, 2.25, 3.0]


def draw(n, d, dtype=np.float64, seed=0):
    rng = np.random.default_rng(seed)
    x, dz = rng.normal(size=(2, n, d)).astype(dtype)
    gamma, beta = rng.normal(size=(2, d)).astype(dtype)
    return x, dz, {"gamma": gamma, "beta": beta}


def test_it_is_what_torch_computed():
    y, cache = BatchNorm().forward(X, PARAMS)
    dx, grads = BatchNorm().backward(cache, W, PARAMS)
    np.testing.assert_allclose(y, TORCH_Y, rtol=1e-13)
    np.testing.assert_allclose(dx, TORCH_DX, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(grads["gamma"], TORCH_DGAMMA, rtol=1e-13)
    np.testing.assert_allclose(grads["beta"], TORCH_DBETA, rtol=1e-13)


@pytest.mark.parametrize(("n", "d"), [(2, 1), (7, 3), (64, 10)])
def test_it_is_what_torch_computes(n, d):
    torch = pytest.importorskip("torch")
    x, dz, params = draw(n, d)
    leaves = [torch.tensor(a, requires_grad=True) for a in (x, params["gamma"], params["beta"])]
    out = torch.nn.functional.batch_norm(leaves[0], None, None, *leaves[1:], training=True)
    (out * torch.tensor(dz)).sum().backward()
    y, cache = BatchNorm().forward(x, params)
    dx, grads = BatchNorm().backward(cache, dz, params)
    wanted = [out.detach(), *(leaf.grad for leaf in leaves)]
    for ours, theirs in zip([y, dx, grads["gamma"], grads["beta"]], wanted, strict=True):
        np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("dtype", DTYPES)
def test_each_column_has_the_mean_beta_and_the_deviation_gamma(dtype):
    x, _, params = draw(50, 4, dtype)
    y, _ = BatchNorm(epsilon=1e-20).forward(7 * x - 3, params)
    assert y.dtype == dtype
    tolerance = 50 * np.finfo(dtype).eps
    np.testing.assert_allclose(y.mean(axis=0), params["beta"], atol=tolerance)
    np.testing.assert_allclose(y.std(axis=0), np.abs(params["gamma"]), rtol=tolerance)


@pytest.mark.parametrize("epsilon", [1e-5, 0.1])
@pytest.mark.parametrize(("n", "d"), [(1, 3), (2, 2), (6, 4)])
def test_the_complex_step_differentiates_it(n, d, epsilon):
    """Im f(a + i h) / h has no truncation error, so it holds each gradient to rounding."""
    layer = BatchNorm(epsilon)
    x, dz, params = draw(n, d)
    _, cache = layer.forward(x, params)
    dx, grads = layer.backward(cache, dz, params)
    for name, g in {"x": dx, **grads}.items():
        for i in np.ndindex(g.shape):
            step = {k: a.astype(complex) for k, a in {"x": x, **params}.items()}
            step[name][i] += 1e-100j
            y, _ = layer.forward(step["x"], step)
            slope = (y * dz).sum().imag / 1e-100
            assert slope == pytest.approx(g[i], rel=1e-10, abs=1e-12), f"{name}{list(i)}"


@pytest.mark.parametrize("dtype", DTYPES)
def test_dtypes_are_kept_and_nothing_is_written_to(dtype):
    x, dz, params = draw(5, 3, dtype)
    for array in (x, dz, *params.values()):
        array.flags.writeable = False
    layer = BatchNorm(np.float64(1e-3))
    y, cache = layer.forward(x, params)
    dx, grads = layer.backward(cache, dz, params)
    assert {a.dtype for a in (y, dx, *grads.values())} == {np.dtype(dtype)}
    assert (dx.shape, grads["gamma"].shape, grads["beta"].shape) == ((5, 3), (3,), (3,))


def test_a_large_offset_costs_no_digits():
    """The same numbers 1e8 away: E[x^2] - E[x]^2 of them is 0 or negative in float64."""
    x = np.array([[1.0], [2.0], [4.0], [-1.0]])
    params = {"gamma": np.ones(1), "beta": np.zeros(1)}
    y, _ = BatchNorm().forward(x, params)
    shifted, _ = BatchNorm().forward(x + 1e8, params)
    np.testing.assert_allclose(shifted, y, rtol=1e-12)


def test_a_float32_mean_of_many_rows_is_centred_to_its_digits():
    x = (1000 + np.random.default_rng(0).random((200_000, 1))).astype(np.float32)
    y, _ = BatchNorm().forward(x, {"gamma": np.ones(1, "f4"), "beta": np.zeros(1, "f4")})
    assert abs(y.mean(dtype=np.float64)) < 1e-4


def test_a_row_alone_and_a_constant_column_become_beta():
    params = {"gamma": np.array([2.0]), "beta": np.array([3.0])}
    for x in (np.array([[5.0]]), np.full((7, 1), 0.1)):
        y, cache = BatchNorm().forward(x, params)
        np.testing.assert_allclose(y, 3.0, atol=1e-11)
        dx, _ = BatchNorm().backward(cache, np.ones_like(x), params)
        np.testing.assert_allclose(dx, 0, atol=1e-9)


def test_a_network_can_be_made_of_it():
    rng = np.random.default_rng(0)
    params = {
        "0.W": rng.normal(size=(3, 4)),
        "0.b": rng.normal(size=4),
        "1.gamma": rng.normal(size=4),
        "1.beta": rng.normal(size=4),
        "3.W": rng.normal(size=(4, 2)),
        "3.b": rng.normal(size=2),
    }
    layers = [Linear(), BatchNorm(), Elementwise(Tanh()), Linear()]
    net = Network(layers, SoftmaxCrossEntropy(), params)
    x, y = rng.normal(size=(6, 3)), rng.integers(2, size=6)
    grads = net.gradients(x, y)
    for name, p in params.items():
        direction = rng.normal(size=p.shape)
        kept = p.copy()
        losses = []
        for h in (1e-5, -1e-5):
            p[...] = kept + h * direction
            losses.append(net.loss(x, y))
        p[...] = kept
        slope = (losses[0] - losses[1]) / 2e-5
        assert slope == pytest.approx((grads[name] * direction).sum(), rel=1e-6, abs=1e-9)
    # The mean takes the bias before it away again.
    np.testing.assert_allclose(grads["0.b"], 0, atol=1e-15)


@pytest.mark.parametrize("epsilon", [0, -1e-5, np.nan, np.inf])
def test_epsilons_that_are_refused(epsilon):
    with pytest.raises(ValueError, match=f"epsilon is {epsilon}, expected a finite number above 0"):
        BatchNorm(epsilon)
