"""Whether it learns: one step, 32 digits by heart, and the curve that the reference takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from reference_mlp.optimisers import Optimiser
from reference_mlp.testing.evidence import Evidence
from reference_mlp.testing.implementation import NetworkFactory
from reference_mlp.testing.problems import Problem
from reference_mlp.testing.recipes import CONVERGENCE, OVERFITTING, reference_curves, upper_limit
from reference_mlp.testing.registry import Setting, check


@check("DEC")
def first_order_decrease(
    at: Setting,
    problems: tuple[Problem, ...],
    make_network: NetworkFactory,
    optimisers: Mapping[str, Callable[..., Optimiser]],
    train_step: Callable[..., float],
) -> Iterator[Evidence]:
    """A small step of gradient descent lowers the loss by learning rate x squared gradient.

    In float64 always: float32 can't resolve a decrease small enough to be of first order.
    """
    for problem, network, X, y in Setting(at.seed, np.float64).cases(problems, make_network):
        squared = sum(float((g * g).sum()) for g in network.gradients(X, y).values())
        before = float(network.loss(X, y))
        if not squared:
            continue  # a zero gradient promises nothing
        # A decrease of 1e-7 of the loss: rounding (u / 1e-7) and curvature (~ 1e-7) are both far
        # below 1e-3. Where the slope is so flat that this would be no small step, a shorter one.
        learning_rate = min(1e-7 * abs(before) / squared, 1e-3 / np.sqrt(squared))
        expected = learning_rate * squared
        if expected < 1e4 * np.finfo(np.float64).eps * abs(before):
            continue  # too flat for a float to show
        train_step(network, optimisers["sgd"](learning_rate), X, y)
        ratio = (before - float(network.loss(X, y))) / expected
        text = f"the loss fell by {ratio:.6g} times what its gradient promises; {problem.name}"
        yield Evidence(abs(ratio - 1), 1e-3, problem.name, text)


@check("OVR")
def overfits_32_digits(
    at: Setting,
    problems: tuple[Problem, ...],
    make_network: NetworkFactory,
    fit: Callable[..., object],
    optimisers: Mapping[str, Callable[..., Optimiser]],
) -> Iterator[Evidence]:
    """Training on 32 digits learns them by heart, to three times the reference's loss at most."""
    for recipe in OVERFITTING:
        if recipe.suits(problems):
            final = recipe.train(make_network, fit, optimisers, seed=at.seed)[-1]
            limit = 3 * reference_curves(recipe)[:, -1].max()
            text = f"loss {final:.3g} on 32 digits, expected below {limit:.3g}; {recipe.name}"
            yield Evidence(float(final), float(limit), recipe.name, text)


@check("CNV")
def convergence(
    at: Setting,
    problems: tuple[Problem, ...],
    make_network: NetworkFactory,
    fit: Callable[..., object],
    optimisers: Mapping[str, Callable[..., Optimiser]],
) -> Iterator[Evidence]:
    """Two epochs on 5,000 digits end at the reference's test loss, or near it."""
    for recipe in CONVERGENCE:
        if recipe.suits(problems):
            final = recipe.train(make_network, fit, optimisers, seed=at.seed)[-1]
            curves = reference_curves(recipe)
            limit = upper_limit(curves)
            text = (
                f"test loss {final:.4g} after {recipe.stages} epochs, the reference's is "
                f"{curves[:, -1].mean():.4g} and at most {limit:.4g} is expected; {recipe.name}"
            )
            yield Evidence(float(final), float(limit), recipe.name, text)
