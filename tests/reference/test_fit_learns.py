"""Training gets to where it should."""

import numpy as np
import pytest

from reference_mlp import SGD, Momentum, evaluate, fit, mlp
from reference_mlp.digits import load_digits
from tests.reference.trainings import run


def test_linear_regression_finds_the_least_squares():
    rng = np.random.default_rng(0)
    X, noise = rng.normal(size=(50, 3)), rng.normal(0, 0.1, 50)
    y = X @ [1.0, -2.0, 0.5] + 3 + noise
    net = mlp((3, 1), rng=rng, loss="squared_error")
    run(net, X, y, optimiser=SGD(0.5), batch_size=None, epochs=300)
    wanted = np.linalg.lstsq(np.c_[X, np.ones(50)], y, rcond=None)[0]
    got = np.append(net.params["0.W"], net.params["0.b"])
    np.testing.assert_allclose(got, wanted, rtol=1e-10)


def test_any_network_of_the_right_shape_is_trained():
    """Someone's own class with four members, here softmax regression on one weight."""

    class Scale:
        params = {"w": np.array([4.0])}  # noqa: RUF012 - as somebody would write it
        trainable = ("w",)

        def logits(self, X):
            return X * self.params["w"]

        def loss(self, X, y):
            return ((self.logits(X)[:, 0] - y) ** 2).mean() / 2

        def loss_and_gradients(self, X, y):
            residual = self.logits(X)[:, 0] - y
            return self.loss(X, y), {"w": np.array([(residual * X[:, 0]).mean()])}

    X = np.random.default_rng(0).normal(size=(20, 1))
    net = Scale()
    run(net, X, 2 * X[:, 0], optimiser=SGD(0.5), epochs=60)
    assert net.params["w"][0] == pytest.approx(2, rel=1e-6)


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
def test_real_digits_are_learned(activation):
    """Two passes over 5,000 digits suffice for 87 to 89 % of the 1,000 others."""
    digits = load_digits()
    rng = np.random.default_rng(0)
    net = mlp((784, 30, 10), rng=rng, dtype=np.float32, activation=activation)
    optimiser = Momentum(0.1 if activation == "sigmoid" else 0.02)
    history = fit(net, *digits.train, optimiser=optimiser, epochs=2, rng=rng, batch_size=20)
    assert history[1].loss < history[0].loss
    assert evaluate(net, *digits.test).accuracy > 0.85


@pytest.mark.slow
def test_full_mnist_reaches_97_percent_in_five_epochs(full_mnist):
    """Over four seeds this recipe ended between 97.2 and 97.4 %."""
    digits = load_digits(full_mnist)
    rng = np.random.default_rng(0)
    net = mlp((784, 100, 10), rng=rng, dtype=np.float32, activation="relu")
    history = fit(
        net,
        *digits.train,
        optimiser=Momentum(0.05),
        epochs=5,
        rng=rng,
        batch_size=64,
        validation=digits.test,
    )
    assert history[-1].validation.accuracy >= 0.97
