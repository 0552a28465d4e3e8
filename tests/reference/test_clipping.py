"""Clipping by the global norm, at any size that a float can have."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_mlp import SGD, clip_norm, fit, mlp, train_step

relaxed = settings(max_examples=50, deadline=None)
DTYPES = [np.float32, np.float64]


def norm(grads):
    """The Euclidean norm of all entries; math.hypot scales by itself."""
    return math.hypot(*(float(x) for g in grads.values() for x in np.ravel(g)))


@relaxed
@given(
    st.lists(st.floats(-1e150, 1e150), min_size=1, max_size=8),
    st.floats(1e-100, 1e100),
)
def test_the_norm_is_cut_and_the_direction_kept(entries, max_norm):
    grads = {"0.W": np.array(entries)[:, None], "0.b": np.array(entries[:1])}
    clipped = clip_norm(grads, max_norm)
    before = norm(grads)
    assert list(clipped) == ["0.W", "0.b"]
    factor = min(1, max_norm / before) if before else 1
    for name, g in grads.items():
        assert clipped[name].shape == g.shape
        # Entries below 1e-300 of the largest have fewer digits.
        np.testing.assert_allclose(
            clipped[name], g * factor, rtol=1e-13, atol=1e-300 + 1e-300 * max_norm
        )


@pytest.mark.parametrize(
    ("dtype", "size"),
    [(np.float64, 1e300), (np.float64, 1e-300), (np.float32, 1e30), (np.float32, 1e-30)],
)
def test_no_square_overflows_or_underflows(dtype, size):
    grads = {"0.W": np.array([[3, 0]], dtype) * size, "0.b": np.array([-4, 0], dtype) * size}
    clipped = clip_norm(grads, size)
    assert {g.dtype for g in clipped.values()} == {np.dtype(dtype)}
    tolerance = 8 * np.finfo(dtype).eps
    np.testing.assert_allclose(clipped["0.W"] / size, [[0.6, 0]], rtol=tolerance)
    np.testing.assert_allclose(clipped["0.b"] / size, [-0.8, 0], rtol=tolerance)


def test_a_norm_that_is_itself_too_large_is_cut():
    clipped = clip_norm({"0.W": np.full((100, 100), 1.7e308)}, 1.0)
    np.testing.assert_allclose(clipped["0.W"], 0.01, rtol=1e-12)


@pytest.mark.parametrize("dtype", DTYPES)
def test_many_float32_entries_are_summed_to_their_digits(dtype):
    clipped = clip_norm({"0.W": np.full((1000, 2000), 0.1, dtype)}, 1.0)
    np.testing.assert_allclose(clipped["0.W"], 1 / math.sqrt(2e6), rtol=8 * np.finfo(dtype).eps)


@pytest.mark.parametrize("max_norm", [5.0, 6, 1e300])
def test_within_the_norm_the_arrays_are_those_that_came(max_norm):
    grads = {"0.W": np.array([[3.0]]), "0.b": np.array([4.0])}
    clipped = clip_norm(grads, max_norm)
    assert all(clipped[name] is g for name, g in grads.items())


def test_nothing_is_written_to():
    grads = {"0.W": np.array([[3.0]]), "0.b": np.array([4.0])}
    clip_norm(grads, 1.0)
    assert (grads["0.W"].item(), grads["0.b"].item()) == (3.0, 4.0)


def test_no_gradients_and_gradients_of_zero_have_nothing_to_clip():
    assert clip_norm({}, 1.0) == {}
    zero = {"0.W": np.zeros((2, 3))}
    assert clip_norm(zero, 1e-300)["0.W"] is zero["0.W"]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_gradients_that_are_not_finite_are_refused_by_name(bad):
    grads = {"0.W": np.ones((2, 3)), "2.b": np.array([1.0, bad])}
    with pytest.raises(FloatingPointError, match=r"grads\['2.b'\] of shape \(2,\) holds (nan|inf)"):
        clip_norm(grads, 1.0)


@pytest.mark.parametrize("max_norm", [0, -1, np.nan, np.inf])
def test_norms_that_are_refused(max_norm):
    with pytest.raises(ValueError, match=f"max_norm is {max_norm}, expected a finite number"):
        clip_norm({"0.b": np.ones(2)}, max_norm)


def problem(**options):
    rng = np.random.default_rng(0)
    net = mlp((3, 6, 4), rng=rng, activation="tanh", **options)
    return net, rng.normal(size=(20, 3)), rng.integers(4, size=20)


def moved(net, before):
    return norm({name: net.params[name] - p for name, p in before.items()})


def test_a_step_is_no_longer_than_the_rate_times_the_norm():
    net, X, y = problem()
    before = {name: p.copy() for name, p in net.params.items()}
    assert norm(net.gradients(X, y)) > 0.01
    train_step(net, SGD(0.5), X, y, max_norm=0.01)
    assert moved(net, before) == pytest.approx(0.5 * 0.01, rel=1e-12)


def test_gradients_of_frozen_parameters_do_not_count():
    net, X, y = problem(frozen=["0.W", "0.b"])
    before = {name: p.copy() for name, p in net.params.items()}
    train_step(net, SGD(0.5), X, y, max_norm=0.01)
    assert moved(net, before) == pytest.approx(0.5 * 0.01, rel=1e-12)


def test_fit_clips_each_step():
    net, X, y = problem()
    before = {name: p.copy() for name, p in net.params.items()}
    fit(
        net,
        X,
        y,
        optimiser=SGD(1.0),
        epochs=1,
        rng=np.random.default_rng(1),
        batch_size=5,
        max_norm=1e-6,
    )
    assert 2e-6 < moved(net, before) <= 4e-6 * (1 + 1e-9)


def test_another_clipping_can_take_its_place():
    net, X, y = problem()
    before = {name: p.copy() for name, p in net.params.items()}
    nothing = lambda grads, max_norm: {name: g * 0 for name, g in grads.items()}  # noqa: E731
    train_step(net, SGD(1.0), X, y, max_norm=1.0, clip_norm=nothing)
    assert moved(net, before) == 0
