"""Dropout: nothing in evaluation, one thinned network a step in training."""

import copy

import numpy as np
import pytest

from reference_mlp import (
    SGD,
    Dropout,
    Elementwise,
    Linear,
    Network,
    SoftmaxCrossEntropy,
    fit,
    mlp,
    train_step,
)
from tests.reference.networks import central_differences

DTYPES = [np.float32, np.float64]


def problem(seed=0, **options):
    rng = np.random.default_rng(seed)
    net = mlp((4, 6, 5, 3), rng=rng, activation="tanh", **options)
    return net, rng.normal(size=(8, 4)).astype(net.dtype), rng.integers(3, size=8)


@pytest.mark.parametrize("dtype", DTYPES)
def test_in_evaluation_it_is_the_identity(dtype):
    x, dz = np.random.default_rng(0).normal(size=(2, 5, 4)).astype(dtype)
    out, cache = Dropout(0.9).forward(x, {})
    dx, grads = Dropout(0.9).backward(cache, dz, {})
    np.testing.assert_array_equal(out, x)
    np.testing.assert_array_equal(dx, dz)
    assert grads == {}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("rate", [0.0, 0.2, 0.5, np.float64(0.75)])
def test_a_thinned_layer_drops_or_scales_each_entry(rate, dtype):
    x = np.random.default_rng(0).normal(size=(400, 50)).astype(dtype)
    out, _ = Dropout(rate).thinned(np.random.default_rng(1)).forward(x, {})
    kept = out != 0
    assert out.dtype == dtype
    np.testing.assert_allclose(out[kept], x[kept] / (1 - rate), rtol=2 * np.finfo(dtype).eps)
    # 20,000 draws: six standard deviations.
    assert kept.mean() == pytest.approx(1 - rate, abs=6 * np.sqrt(rate * (1 - rate) / x.size))


def test_rows_and_draws_have_masks_of_their_own():
    rng = np.random.default_rng(0)
    x = np.ones((20, 30))
    masks = [Dropout(0.5).thinned(rng).forward(x, {})[0] for _ in range(3)]
    rows = {row.tobytes() for mask in masks for row in mask}
    assert len(rows) == 60


def test_a_thinned_layer_is_a_function_and_its_backward_the_adjoint():
    layer = Dropout(0.4).thinned(np.random.default_rng(0))
    u, v = np.random.default_rng(1).normal(size=(2, 7, 5))
    out, cache = layer.forward(u, {})
    layer.forward(v, {})
    np.testing.assert_array_equal(layer.forward(u, {})[0], out)
    dx, grads = layer.backward(cache, v, {})
    np.testing.assert_allclose((v * out).sum(), (dx * u).sum(), rtol=1e-13)
    assert grads == {}


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_mask_is_the_same_in_either_dtype_and_for_complex_steps(dtype):
    layer = Dropout(0.3).thinned(np.random.default_rng(0))
    x = np.ones((6, 5))
    dropped = layer.forward(x, {})[0] == 0
    np.testing.assert_array_equal(layer.forward(x.astype(dtype), {})[0] == 0, dropped)
    step, mask = layer.forward(x + 1e-100j, {})
    assert mask.dtype == np.float64
    np.testing.assert_array_equal(step.imag / 1e-100, layer.forward(x, {})[0])


def test_mlp_puts_one_after_each_hidden_activation():
    net, _, _ = problem(dropout=0.25)
    kinds = [Linear, Elementwise, Dropout, Linear, Elementwise, Dropout, Linear]
    assert [type(layer) for layer in net.layers] == kinds
    assert [layer.rate for layer in net.layers if isinstance(layer, Dropout)] == [0.25, 0.25]
    assert list(net.params) == ["0.W", "0.b", "3.W", "3.b", "6.W", "6.b"]


def test_without_a_rate_mlp_is_what_it_was():
    net, _, _ = problem()
    assert not any(isinstance(layer, Dropout) for layer in net.layers)
    for p, q in zip(net.params.values(), problem(dropout=0.5)[0].params.values(), strict=True):
        np.testing.assert_array_equal(p, q)


def test_in_evaluation_a_network_drops_nothing():
    net, X, y = problem()
    dropping, _, _ = problem(dropout=0.5)
    np.testing.assert_array_equal(dropping.logits(X), net.logits(X))
    assert dropping.loss(X, y) == net.loss(X, y)


def test_a_thinned_network_shares_its_parameters_and_has_right_gradients():
    net, X, y = problem(dropout=0.4, l2=0.1)
    thinned = net.thinned(np.random.default_rng(5))
    assert thinned.params is net.params
    assert not np.array_equal(thinned.logits(X), net.logits(X))
    numeric = central_differences(lambda: thinned.loss(X, y), net.params, 1e-5)
    for name, g in thinned.gradients(X, y).items():
        np.testing.assert_allclose(g, numeric[name], rtol=1e-7, atol=1e-9)


def test_thinning_leaves_the_network_thinnable_and_the_thinned_one_settled():
    net, X, _ = problem(dropout=0.4)
    rng = np.random.default_rng(5)
    first, second = net.thinned(rng), net.thinned(rng)
    assert not np.array_equal(first.logits(X), second.logits(X))
    assert net.stochastic
    assert first.thinned(rng) is first


def test_a_network_without_dropout_is_its_own_thinned_one_and_nothing_is_drawn():
    net, X, y = problem()
    rng = np.random.default_rng(5)
    before = copy.deepcopy(rng.bit_generator.state)
    assert net.thinned(rng) is net
    train_step(net, SGD(0.1), X, y, rng=rng)
    assert rng.bit_generator.state == before


def test_the_mean_over_thinned_networks_is_the_layer_itself():
    """Of a linear network, exactly so in expectation: 20,000 draws, six standard errors."""
    rng = np.random.default_rng(0)
    params = {"1.W": np.array([[1.0], [2.0], [-0.5]]), "1.b": np.array([0.25])}
    net = Network([Dropout(0.3), Linear()], SoftmaxCrossEntropy(), params)
    X = np.array([[1.0, -1.0, 4.0]])
    draws = np.array([net.thinned(rng).logits(X)[0, 0] for _ in range(20_000)])
    error = 6 * draws.std() / np.sqrt(len(draws))
    assert draws.mean() == pytest.approx(net.logits(X)[0, 0], abs=error)


def test_a_step_is_the_gradient_of_the_network_thinned_by_the_generator():
    net, X, y = problem(dropout=0.5)
    thinned = copy.deepcopy(net).thinned(np.random.default_rng(9))
    wanted = {name: p - 0.25 * thinned.gradients(X, y)[name] for name, p in thinned.params.items()}
    loss = train_step(net, SGD(0.25), X, y, rng=np.random.default_rng(9))
    assert loss == thinned.loss(X, y)
    for name, p in net.params.items():
        np.testing.assert_allclose(p, wanted[name], rtol=1e-14)


def test_without_a_generator_a_step_drops_nothing():
    net, X, y = problem(dropout=0.5)
    expected = net.loss(X, y)
    assert train_step(net, SGD(0.25), X, y) == expected


def test_fit_thins_by_its_generator_and_evaluates_without():
    def run(seed):
        net, X, y = problem(dropout=0.5)
        rng = np.random.default_rng(seed)
        history = fit(
            net, X, y, optimiser=SGD(0.1), epochs=3, rng=rng, batch_size=4, validation=(X, y)
        )
        return net, X, y, history

    net, X, y, history = run(1)
    assert history[-1].validation.loss == pytest.approx(net.loss(X, y), rel=1e-12)
    losses = [epoch.loss for epoch in history]
    assert losses == [epoch.loss for epoch in run(1)[3]]
    assert losses != [epoch.loss for epoch in run(2)[3]]
    undropped, *_ = problem()
    plain = fit(
        undropped, X, y, optimiser=SGD(0.1), epochs=3, rng=np.random.default_rng(1), batch_size=4
    )
    assert losses != [epoch.loss for epoch in plain]


def test_another_layer_can_take_its_place():
    made = []

    def layer(rate):
        made.append(rate)
        return Dropout(rate)

    problem(dropout=0.5, dropout_layer=layer)
    assert made == [0.5, 0.5]


@pytest.mark.parametrize("rate", [-0.1, 1, 1.5, np.nan])
def test_rates_that_are_refused(rate):
    with pytest.raises(ValueError, match=f"rate is {rate}, expected 0 <= rate < 1"):
        Dropout(rate)
    # Also where there is no hidden layer to drop units of.
    with pytest.raises(ValueError, match=f"dropout is {rate}, expected 0 <= dropout < 1"):
        mlp((2, 3), rng=np.random.default_rng(0), dropout=rate)
