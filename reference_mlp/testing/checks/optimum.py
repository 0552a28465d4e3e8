"""Convex problems trained to the optimum that SciPy finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from reference_mlp._arrays import Array
from reference_mlp.batches import one_hot
from reference_mlp.optimisers import Optimiser
from reference_mlp.testing.evidence import Evidence
from reference_mlp.testing.implementation import NetworkFactory, NetworkUnderTest
from reference_mlp.testing.problems import Problem
from reference_mlp.testing.registry import Setting, check

L2 = 0.1
D, K = 3, 3
N_ROWS = 24
# What gradient descent leaves of its distance to the optimum, by the rate that convexity promises.
LEFT = 1e-8


@check("CVX")
def convex_optimum(
    at: Setting,
    problems: tuple[Problem, ...],
    make_network: NetworkFactory,
    fit: Callable[..., object],
    optimisers: Mapping[str, Callable[..., Optimiser]],
) -> Iterator[Evidence]:
    """Softmax regression with an L2 penalty on its weights trains to SciPy's L-BFGS optimum.

    The objective is convex with one optimum, up to a number added to all biases, so whoever
    descends it long enough ends there. Gradient descent at the rate 1/M takes the error down by
    1 - m/M a step, with m and M the least and largest curvature; it is given the steps for a
    factor of 1e-8, twice. Probabilities are compared, which no layout or shift changes.
    """
    asked = [p for p in problems if p.loss == "softmax_cross_entropy"]
    if not any(p.l2 for p in asked):
        return
    as_labels = any(p.targets == "labels" for p in asked)
    solved = _solved(at)
    least, largest = solved.curvatures
    n_steps = int(2 * np.log(LEFT) / np.log1p(-least / largest)) + 1
    # Copies: training may write into what it is given.
    X, labels = solved.X.astype(at.dtype), solved.labels.copy()
    y = labels if as_labels else one_hot(labels, K, dtype=at.dtype)
    # A gradient in error by a few roundings of its terms moves the optimum by that over m.
    threshold = 100 * float(np.finfo(at.dtype).eps) * largest / least + 100 * LEFT
    for name, settings in {"sgd": {}, "momentum": {"momentum": 0.5}}.items():
        network = _without_hidden_layer(make_network, at)
        if network is None or name not in optimisers:
            continue
        rate = 1 / largest
        try:
            optimiser = optimisers[name](rate, **settings)
            fit(network, X, y, optimiser=optimiser, epochs=n_steps, batch_size=None, rng=at.rng())
            got = _softmax(np.asarray(network.logits(X), np.float64))
        except FloatingPointError as error:
            text = f"{name} broke off on a convex problem: {error}"
            yield Evidence(np.nan, threshold, name, text)
            continue
        off = float(np.nan_to_num(np.abs(got - solved.probabilities), nan=np.inf).max())
        text = (
            f"after {n_steps} steps of {name} at the learning rate {rate:.3g} a probability is "
            f"{off:.3g} from that at the optimum of the cross-entropy and {L2}/2 sum(W^2)"
        )
        yield Evidence(off, threshold, name, text)


def _without_hidden_layer(make_network: NetworkFactory, at: Setting) -> NetworkUnderTest | None:
    """Return a softmax regression, or None of a factory that makes no network so small."""
    try:
        network = make_network(
            (D, K),
            activation=(),
            loss="softmax_cross_entropy",
            l2=L2,
            dtype=np.dtype(at.dtype),
            rng=at.rng(),
        )
        n_params = sum(p.size for p in network.params.values())
        shape = network.logits(np.zeros((2, D), at.dtype)).shape
    except Exception:  # noqa: BLE001 - none of the problems says that it can be asked for
        return None
    free = set(network.trainable) == set(network.params)
    return network if free and n_params == (D + 1) * K and shape == (2, K) else None


@dataclass(frozen=True)
class _Solved:
    """A regression's data, the probabilities at its optimum, and the curvatures there."""

    X: Array
    labels: Array
    probabilities: Array
    curvatures: tuple[float, float]


@lru_cache(maxsize=32)
def _solved(at: Setting) -> _Solved:
    """Return the regression of a setting, solved: the same for every implementation."""
    regression = _Regression.draw(at)
    best = regression.solve()
    p, curvatures = regression.probabilities(best), regression.curvatures(best)
    return _Solved(regression.X, regression.labels, p, curvatures)


@dataclass(frozen=True)
class _Regression:
    """Softmax regression by itself: theta (D + 1, K) with the biases in its last row."""

    X: Array
    labels: Array

    @classmethod
    def draw(cls, at: Setting) -> _Regression:
        """Return inputs from N(0, 1), and labels that don't depend on them, each class as often."""
        rng = at.rng()
        # In the dtype of the network, so that both see the same numbers.
        X = rng.normal(size=(N_ROWS, D)).astype(at.dtype).astype(np.float64)
        return cls(X, rng.permutation(np.arange(N_ROWS) % K))

    @property
    def inputs(self) -> Array:
        """Return X with a column of ones."""
        return np.column_stack([self.X, np.ones(N_ROWS)])

    def probabilities(self, theta: Array) -> Array:
        """Return the softmax (N, K) of the inputs' logits."""
        return _softmax(self.inputs @ theta)

    def objective(self, flat: Array) -> tuple[float, Array]:
        """Return the mean cross-entropy with the penalty on the weights, and its gradient."""
        theta = flat.reshape(D + 1, K)
        weights = np.vstack([theta[:D], np.zeros(K)])
        p = self.probabilities(theta)
        value = -np.log(p[np.arange(N_ROWS), self.labels]).mean() + L2 / 2 * (weights**2).sum()
        slope = self.inputs.T @ (p - np.eye(K)[self.labels]) / N_ROWS + L2 * weights
        return float(value), slope.ravel()

    def solve(self) -> Array:
        """Return the optimum (D + 1, K) by L-BFGS."""
        # Here, not above: scipy.optimize takes longer to import than all the rest.
        from scipy.optimize import minimize

        # As far down as a float goes: where the line search can't gain any more, it stops.
        options: Any = {"gtol": 1e-12, "ftol": 1e-16, "maxiter": 1000}
        found = minimize(
            self.objective, np.zeros((D + 1) * K), jac=True, method="L-BFGS-B", options=options
        )
        best: Array = found.x.reshape(D + 1, K)
        return best

    def curvatures(self, theta: Array) -> tuple[float, float]:
        """Return the least curvature at theta but that of the shift, and a bound on the largest.

        The Hessian of the cross-entropy is the mean of (diag(p) - p p^T) (x) x x^T, whose first
        factor is at most 1/2.
        """
        A, P = self.inputs, self.probabilities(theta)
        spread = P[:, :, None] * (np.eye(K) - P[:, None, :])
        H = np.einsum("nkl,nd,ne->dkel", spread, A, A).reshape((D + 1) * K, -1) / N_ROWS
        H += L2 * np.kron(np.diag([1.0] * D + [0.0]), np.eye(K))
        largest = float(np.linalg.eigvalsh(A.T @ A / N_ROWS)[-1]) / 2 + L2
        # The smallest is 0: the same number added to all biases changes nothing.
        return float(np.linalg.eigvalsh(H)[1]), largest


def _softmax(z: Array) -> Array:
    # Here, not above: SciPy takes longer to import than all the rest.
    from scipy.special import softmax

    p: Array = softmax(z, axis=1)
    return p
