import numpy as np
import pytest
import scipy.stats

from reference_mlp import (
    INITIALISERS,
    glorot_normal,
    glorot_uniform,
    he_normal,
    he_uniform,
    mlp,
    normal,
    zeros,
)

N_IN, N_OUT = 300, 200
LAWS = {
    # Glorot and Bengio 2010: variance 2 / (n_in + n_out). He et al. 2015: variance 2 / n_in.
    "glorot_normal": (glorot_normal, scipy.stats.norm(0, np.sqrt(2 / 500))),
    "glorot_uniform": (
        glorot_uniform,
        scipy.stats.uniform(-np.sqrt(6 / 500), 2 * np.sqrt(6 / 500)),
    ),
    "he_normal": (he_normal, scipy.stats.norm(0, np.sqrt(2 / 300))),
    "he_uniform": (he_uniform, scipy.stats.uniform(-np.sqrt(6 / 300), 2 * np.sqrt(6 / 300))),
    "normal(0.01)": (normal(0.01), scipy.stats.norm(0, 0.01)),
}


def draw(initialiser, *, seed=0, dtype=np.float64, n_in=N_IN, n_out=N_OUT):
    return initialiser(n_in, n_out, rng=np.random.default_rng(seed), dtype=dtype)


@pytest.mark.parametrize(("initialiser", "law"), LAWS.values(), ids=LAWS)
def test_weights_follow_their_law(initialiser, law):
    """60,000 weights tell a standard deviation from one 2 % off, a normal from a uniform law."""
    W = draw(initialiser)
    assert W.shape == (N_IN, N_OUT)
    assert W.std() == pytest.approx(law.std(), rel=0.01)
    assert scipy.stats.kstest(W.ravel(), law.cdf).pvalue > 1e-3


@pytest.mark.parametrize(("initialiser", "_"), LAWS.values(), ids=LAWS)
def test_weights_are_the_generators(initialiser, _):
    np.testing.assert_array_equal(draw(initialiser), draw(initialiser))
    assert (draw(initialiser) != draw(initialiser, seed=1)).all()
    rng = np.random.default_rng(0)
    first, second = (initialiser(3, 2, rng=rng) for _ in range(2))
    assert (first != second).all()


@pytest.mark.parametrize(("initialiser", "_"), LAWS.values(), ids=LAWS)
def test_float32_weights_are_the_float64_ones_rounded(initialiser, _):
    W = draw(initialiser, dtype=np.float32)
    assert W.dtype == np.float32
    np.testing.assert_array_equal(W, draw(initialiser).astype(np.float32))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_zeros_and_a_normal_law_without_width(dtype):
    for W in (zeros(3, 2, dtype=dtype), draw(normal(0), dtype=dtype, n_in=3, n_out=2)):
        assert W.dtype == dtype
        np.testing.assert_array_equal(W, np.zeros((3, 2)))


@pytest.mark.parametrize("name", sorted(INITIALISERS))
def test_a_network_takes_an_initialiser_by_name_or_itself(name):
    by_name = mlp((5, 4, 3), rng=np.random.default_rng(0), initialiser=name)
    itself = mlp((5, 4, 3), rng=np.random.default_rng(0), initialiser=INITIALISERS[name])
    rng = np.random.default_rng(0)
    np.testing.assert_array_equal(by_name.params["0.W"], INITIALISERS[name](5, 4, rng=rng))
    for key, p in by_name.params.items():
        np.testing.assert_array_equal(itself.params[key], p)


def test_a_network_without_one_takes_he_before_a_relu_and_glorot_elsewhere():
    net = mlp((5, 4, 3, 2), rng=np.random.default_rng(0), activation=("relu", "tanh"))
    rng = np.random.default_rng(0)
    np.testing.assert_array_equal(net.params["0.W"], he_normal(5, 4, rng=rng))
    np.testing.assert_array_equal(net.params["2.W"], glorot_uniform(4, 3, rng=rng))
    np.testing.assert_array_equal(net.params["4.W"], glorot_uniform(3, 2, rng=rng))
    for name in ("0.b", "2.b", "4.b"):
        assert not net.params[name].any()
