"""Whether it learns: one step, 32 digits by heart, and the curve that the reference takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from reference_mlp.optimisers import Optimiser
from reference_mlp.testing.evidence import Evidence
from reference_mlp.testing.implementation import NetworkFactory
from reference_mlp.testing.parameters import restored
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

    In float64 always: float32 can't resolve a decrease small enough to be of first order. What
    curvature, or a kink, adds shows in what halving the step changes, and is allowed twice over;
    beside it there is only the rounding of the two losses.
    """
    u = float(np.finfo(np.float64).eps)
    for problem, network, X, y in Setting(at.seed, np.float64).cases(problems, make_network):
        squared = sum(float((g * g).sum()) for g in network.gradients(X, y).values())
        before = float(network.loss(X, y))
        if not squared:
            continue  # a zero gradient promises nothing
        # A decrease of 1e-7 of the loss is far above its rounding. Where the slope is so flat that
        # this would be no small step, a shorter one.
        learning_rate = min(1e-7 * abs(before) / squared, 1e-3 / np.sqrt(squared))
        rounding = 100 * u * abs(before) / (learning_rate * squared)
        if rounding > 1e-2:
            continue  # too flat for a float to show
        ratios = []
        for rate in (learning_rate, learning_rate / 2):
            with restored(network.params):
                train_step(network, optimisers["sgd"](rate), X, y)
                after = float(network.loss(X, y))
            ratios.append((before - after) / (rate * squared))
        whole, half = ratios
        text = f"the loss fell by {half:.6g} times what its gradient promises; {problem.name}"
        curvature = min(2 * abs(whole - half), 0.1)  # more would be no small step
        yield Evidence(abs(half - 1), curvature + 2 * rounding, problem.name, text)


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
