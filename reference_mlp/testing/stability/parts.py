"""The parts of an implementation that have an oracle, as functions to be measured."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from reference_mlp._arrays import Array
from reference_mlp.layers import Activation
from reference_mlp.losses import Loss
from reference_mlp.testing.implementation import Implementation
from reference_mlp.testing.stability import inputs
from reference_mlp.testing.stability.subjects import SUBJECTS
from reference_mlp.testing.stability.threshold import Failure, first_failure

ROWS = 60
"""How many random rows there are beside the planned ones, where it has to be quick."""

_ACTIVATIONS = ("sigmoid", "tanh")
_SUBJECT_OF_LOSS = {
    "softmax_cross_entropy": "cross_entropy",
    "sigmoid_binary_cross_entropy": "binary_cross_entropy",
    "squared_error": "squared_error",
}


def activation_functions(
    activations: Mapping[str, Callable[[], Activation]],
) -> Iterator[tuple[str, Callable[[Array], Array]]]:
    """Yield the forward passes that have an oracle, by the names of their subjects.

    Not the derivatives: what could be wrong with them as functions is seen elsewhere, and that
    s (1 - s) has no digits in its tail is no fault; see `derivative_functions`.
    """
    for name in _ACTIVATIONS:
        if name in activations:
            yield name, _forward(activations[name])


def derivative_functions(
    activations: Mapping[str, Callable[[], Activation]],
) -> Iterator[tuple[str, Callable[[Array], Array]]]:
    """Yield the backward passes that have an oracle, by the names of their subjects.

    They are judged beside a slope of 1, the largest that tanh has: from the output alone, as in
    s (1 - s), none can have digits in its tail, and what is added to a gradient is right
    to a rounding all the same. So it is in torch and in JAX.
    """
    for name in _ACTIVATIONS:
        if name in activations:
            yield f"{name}_derivative", _backward(activations[name])


def _forward(layer: Callable[[], Activation]) -> Callable[[Array], Array]:
    def function(z: Array) -> Array:
        return layer().forward(z[:, None])[0][:, 0]

    return function


def _backward(layer: Callable[[], Activation]) -> Callable[[Array], Array]:
    def function(z: Array) -> Array:
        activation = layer()
        with np.errstate(all="ignore"):  # what forward warns of isn't backward's
            _, cache = activation.forward(z[:, None])
        return activation.backward(cache, np.ones_like(z[:, None]))[:, 0]

    return function


def loss_functions(losses: Mapping[str, Loss]) -> Iterator[tuple[str, Callable[..., Array]]]:
    """Yield value and gradient of each loss, row by row, by the names of their subjects."""
    for name, subject in _SUBJECT_OF_LOSS.items():
        if name in losses:
            yield subject, values(losses[name])
            yield f"{subject}_gradient", gradients(losses[name])


def values(loss: Loss) -> Callable[[Array, Array], Array]:
    """Return the loss of each row by itself, (N,), as a function of z (N, K) and y."""

    def function(z: Array, y: Array) -> Array:
        rows = [loss.value(z[i : i + 1], y[i : i + 1]) for i in range(len(z))]
        return np.array(rows, z.dtype)

    return function


def gradients(loss: Loss) -> Callable[[Array, Array], Array]:
    """Return the gradient of each row by itself, (N, K), as a function of z (N, K) and y."""

    def function(z: Array, y: Array) -> Array:
        rows = [loss.gradient(z[i : i + 1], y[i : i + 1]) for i in range(len(z))]
        return np.concatenate(rows)

    return function


@cache
def quick_arguments(like: str, dtype: DTypeLike) -> tuple[Array, ...]:
    """Return the inputs of a subject, of rows some 500 instead of 2,500: those of the checks."""
    subject = SUBJECTS[like]
    if subject.kind == "elementwise":
        return subject.arguments(dtype)
    z = inputs.rows(dtype, n=ROWS)
    return (z,) if subject.targets is None else (z, subject.targets(z))


def functions_of(implementation: Implementation) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield all parts of `implementation` that have an oracle, by the names of their subjects."""
    if implementation.softmax is not None:
        yield "softmax", implementation.softmax
    if implementation.activations is not None:
        yield from activation_functions(implementation.activations)
    if implementation.losses is not None:
        yield from loss_functions(implementation.losses)


def first_failures(
    implementation: Implementation,
    *,
    dtypes: tuple[DTypeLike, ...] = (np.float16, np.float32, np.float64),
    parts: Container[str] | None = None,
) -> list[Failure]:
    """Return where each part first goes wrong in each dtype, for those parts that do.

    `parts` are names of subjects, all where None is given.

    >>> from reference_mlp.testing import assemble
    >>> first_failures(assemble(), dtypes=(np.float32,), parts={"softmax"})
    []
    """
    found = (
        first_failure(function, name, dtype=dtype)
        for name, function in functions_of(implementation)
        if parts is None or name in parts
        for dtype in dtypes
    )
    return [failure for failure in found if failure is not None]
