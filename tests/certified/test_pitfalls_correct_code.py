"""Correct code that other checks flag: it passes here, or the answer is inconclusive."""

import numpy as np
import pytest
from scipy.special import expit

import reference_mlp as mlp
from reference_mlp.testing import Problem, Setting
from reference_mlp.testing.certified import check_adjoints, check_gradients
from reference_mlp.testing.certified.derivatives import derivative
from reference_mlp.testing.evidence import Outcome


def functions_of(net):
    """Return the network's functions without its layers, which tell where the kinks are."""
    return net.loss, net.gradients, net.params


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("loss", ["softmax_cross_entropy", "sigmoid_binary_cross_entropy"])
def test_kinks_inside_the_step(case, loss, seed):
    net, X, y = case((20, 30, 30, 4), rows=32, activation="relu", seed=seed, loss=loss)
    y = y if loss.startswith("softmax") else np.eye(4)[y]
    for subject in (net, functions_of(net)):
        report = check_gradients(subject, X, y, rng=seed)
        assert report.outcome is Outcome.PASSED, report.message


@pytest.mark.parametrize("seed", range(10))
def test_a_kink_at_the_very_point(case, seed):
    net, X, y = case((5, 6, 4), activation="relu", zero_biases=True, seed=seed)
    X[1] = 0
    for subject in (net, functions_of(net)):
        report = check_gradients(subject, X, y, rng=seed)
        assert report.outcome is Outcome.PASSED, report.message


@pytest.mark.parametrize("slope", [0.0, 0.5, 1.0])
def test_any_subgradient_passes_at_a_kink(slope):
    b = np.zeros(8)

    def gradients():
        return {"b": np.where(b > 0, 1.0, np.where(b < 0, 0.0, slope))}

    report = check_gradients((lambda: np.maximum(b, 0).sum(), gradients, {"b": b}), rng=0)
    assert report.outcome is Outcome.PASSED, report.message


@pytest.mark.parametrize("slope", [-0.5, 1.5])
def test_what_is_no_subgradient_is_flagged_at_a_kink(slope):
    b = np.zeros(8)

    def gradients():
        return {"b": np.where(b > 0, slope, 0.0)}

    report = check_gradients((lambda: np.maximum(b, 0).sum(), gradients, {"b": b}), rng=0)
    assert report.outcome is Outcome.FLAGGED


def test_a_fault_among_kinks_is_still_flagged(case, spoiled):
    for seed in range(5):
        net, X, y = case((20, 30, 30, 4), rows=32, activation="relu", seed=seed)

        def spoil(grads):
            grads["2.W"][3, 5] += 1e-3

        wrong = spoiled(net, spoil)
        for subject in (wrong, (net.loss, wrong.gradients, net.params)):
            assert check_gradients(subject, X, y, rng=seed).outcome is Outcome.FLAGGED


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_steps_scale_with_the_direction_and_tolerances_with_the_loss(case, scale):
    net, X, y = case((200, 60, 4), activation="sigmoid")

    def loss(X, y):
        return scale * net.loss(X, y)

    def gradients(X, y):
        return {name: scale * g for name, g in net.gradients(X, y).items()}

    report = check_gradients((loss, gradients, net.params), X, y, rng=0)
    assert report.outcome is Outcome.PASSED
    assert report.certificate.relative < 1e-6


def test_float32_with_a_step_of_its_own():
    W = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)
    X = np.random.default_rng(1).normal(size=(5, 6)).astype(np.float32)

    def loss():
        return np.tanh(X @ W).sum(dtype=np.float32)

    def gradients():
        return {"W": X.T @ (1 - np.tanh(X @ W) ** 2)}

    report = check_gradients((loss, gradients, {"W": W}), rng=0)
    assert report.outcome is Outcome.PASSED
    # At a float64 step of 1e-6 the loss moves by less than its own rounding.
    short = check_gradients((loss, gradients, {"W": W}), rng=0, step=1e-6)
    assert short.outcome is not Outcome.FLAGGED


def test_fresh_dropout_masks_are_inconclusive(case):
    net, X, y = case(activation="tanh")
    masks = np.random.default_rng(0)

    class Dropout(mlp.Network):
        def forward(self, X):
            return super().forward(X * (masks.random(X.shape) < 0.5) * 2)

    report = check_gradients(Dropout(net.layers, net.loss_function, net.params), X, y, rng=0)
    assert report.outcome is Outcome.INCONCLUSIVE
    assert "fix the random masks" in report.message


def test_dropout_of_one_half_with_fixed_masks_passes_only_with_its_scale(case):
    net, X, y = case(activation="tanh")

    def subject(rate):
        keep = np.random.default_rng(1).random(X.shape) >= rate
        return (
            lambda X, y: net.loss(X * keep / (1 - rate), y),
            # Divided by the rate and not by what is kept: the same at one half.
            lambda X, y: net.gradients(X * keep / rate, y),
            net.params,
        )

    assert check_gradients(subject(0.5), X, y, rng=0)
    assert check_gradients(subject(0.25), X, y, rng=0).outcome is Outcome.FLAGGED


@pytest.mark.parametrize(
    ("f", "df"),
    [
        (lambda z: np.abs(z - 10), lambda z: np.sign(z - 10)),
        (lambda z: np.sqrt(z * np.conj(z)).real + z**2, lambda z: np.sign(z) + 2 * z),
        (expit, lambda z: expit(z) * (1 - expit(z))),
        (lambda z: np.logaddexp(0, z), expit),
    ],
    ids=["abs", "norm", "expit", "logaddexp"],
)
def test_functions_that_are_not_analytic_are_not_left_to_the_complex_step(f, df):
    W = np.random.default_rng(0).normal(size=5)
    params = {"W": W}
    report = check_gradients(
        (lambda: f(params["W"]).sum(), lambda: {"W": df(params["W"])}, params), rng=0
    )
    assert report.outcome is Outcome.PASSED, report.message
    assert {r.slope.oracle for r in report.readings} <= {"D4", "D2"}


def test_a_complex_step_that_picks_the_branch_by_its_sign_is_not_believed():
    params = {"b": np.array([0.3, -0.2, 0.0, 0.0, 0.0])}

    def loss():
        b = params["b"]
        # Right for real b; at b = 0 the smaller of +-is is the one below the axis.
        e = np.exp(np.minimum(b, -b))
        return (np.where(b.real < 0, e, 1) / (1 + e)).sum()

    def gradients():
        p = expit(params["b"])
        return {"b": p * (1 - p)}

    for seed in range(5):
        report = check_gradients((loss, gradients, params), rng=seed)
        assert report.outcome is Outcome.PASSED, report.message


def test_a_third_derivative_without_a_fifth_is_left_to_d2():
    W = np.array([1e-4, -2e-4, 0.1])

    def loss():
        return (np.abs(W) ** 3.5).sum()

    report = check_gradients(
        (loss, lambda: {"W": 3.5 * np.sign(W) * np.abs(W) ** 2.5}, {"W": W}), rng=0
    )
    assert report.outcome is Outcome.PASSED


def test_derivatives_of_activations_by_differences():
    z = np.linspace(-3, 3, 7) + 0.1
    layer = mlp.Elementwise(mlp.Relu())
    np.testing.assert_allclose(derivative(layer, z), z > 0, atol=1e-9)


class TanhFromTheOutput(mlp.Tanh):
    def forward(self, z):
        t = np.tanh(z)
        return t, t

    def backward(self, cache, dh):
        return dh * (1 - cache**2)


class SigmoidFromTheOutput(mlp.Sigmoid):
    def forward(self, z):
        s = mlp.sigmoid(z)
        return s, s

    def backward(self, cache, dh):
        return dh * cache * (1 - cache)


@pytest.mark.parametrize("activation", [TanhFromTheOutput, SigmoidFromTheOutput])
@pytest.mark.parametrize("level", [1.0, 2.0, 3.0, 5.0, 8.0])
def test_a_derivative_that_cancels_in_a_saturated_unit(activation, level):
    # 1 - t^2 of t near 1 has the rounding of 1 and of t^2, and with one unit no other term.
    for seed in range(20):
        rng = np.random.default_rng(seed)
        net = mlp.mlp((2, 1, 2), activation="tanh", rng=rng)
        first, _, last = net.layers
        net.layers = (first, mlp.Elementwise(activation()), last)
        net.params["0.b"][...] = level
        X, y = 0.1 * rng.normal(size=(1, 2)), np.array([0])
        for found in check_adjoints(net, X, y, rng=rng):
            assert found.report.outcome is not Outcome.FLAGGED, found.report.message


def test_an_error_far_below_that_of_differences_is_still_seen(case):
    net, X, y = case((5, 6, 4), activation="tanh", seed=3)
    loss, right, params = functions_of(net)

    def gradients(X, y):
        grads = right(X, y)
        grads["0.W"][2, 1] += 1e-12
        return grads

    report = check_gradients((loss, gradients, params), X, y, rng=0)
    assert report.outcome is Outcome.FLAGGED
    assert report.where == "0.W[2,1]"


def test_noise_that_differs_from_direction_to_direction():
    # Behind dead relus six parameters matter, and the first direction happens to be a quiet one.
    shape = (3, 3, 1, 2, 1), ("relu", "relu", "sigmoid"), "squared_error", "column", 3
    at, problems = Setting(576), (Problem("small network", *shape),)
    for _, network, X, y in at.cases(problems, mlp.mlp):
        report = check_gradients(network, X, y, rng=at.seed)
        assert report.outcome is Outcome.PASSED, report.message
