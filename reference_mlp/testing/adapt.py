"""Somebody's own network, in whatever style it is written, as the checks want to see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reference_mlp._arrays import Array
from reference_mlp.testing.adapters.adapted import Adapted, Code
from reference_mlp.testing.adapters.namespace import namespace_of
from reference_mlp.testing.adapters.nests import AdapterError, Arrays, attributes, named
from reference_mlp.testing.adapters.own import implementation_of
from reference_mlp.testing.global_generators import seeded
from reference_mlp.testing.problems import Problem

__all__ = [
    "Adapted",
    "AdapterError",
    "Problem",
    "adapt",
    "attributes",
    "implementation_of",
    "named",
    "namespace_of",
    "seeded",
]


def adapt(
    problem: Problem,
    arrays: Arrays | Callable[[], Arrays],
    *,
    logits: Callable[[Any], Any] | None = None,
    probabilities: Callable[[Any], Any] | None = None,
    loss: Callable[[Any, Any], Any] | str | None = None,
    gradients: Callable[[Any, Any], Any] | None = None,
    step: Callable[[Any, Any, float], Any] | None = None,
    input_gradient: Callable[[Any, Any], Any] | None = None,
    set_arrays: Callable[[list[Array]], Any] | None = None,
    samples: str = "rows",
    scale: str | float = 1,
    rate: float | None = None,
) -> Adapted:
    """Return a network of any style as the checks want to see it.

    `problem` says what it is: sizes, activations, loss, and the form of its targets. `arrays` are
    its parameters, in a dict, a list, nested or `attributes(net, "W1", "b1")`, or a function that
    returns them as they are now; they are written into, unless `set_arrays` takes new ones.
    `logits(X)` or `probabilities(X)` return (N, K), and `loss(X, y)` a number; it may be the name
    of one, or be left out for the loss that the problem names. Gradients come from `gradients(X,
    y)`, in the order of `arrays` or by their names, or from `step(X, y, learning_rate)`, which
    applies them; `rate` is the learning rate of a step that takes none.

    `samples` says how all of these take a batch: "rows" (N, D), "columns" (D, N), "stack of
    columns" (N, D, 1), or one at a time, "one" (D,) or "one column" (D, 1), which are averaged.
    `scale` is the factor of the gradients over those of the loss where it is meant: a number, or
    "N", "1/N", "2", "K" and the like.

    Raises ValueError or TypeError where there are no parameters, or some that aren't floating,
    and for an unknown name.

    >>> import numpy as np
    >>> W, b = np.zeros((2, 3)), np.zeros(3)
    >>> problem = Problem("mine", (2, 3), (), "squared_error", "reals", n_rows=4)
    >>> net = adapt(problem, [W, b], logits=lambda X: X @ W + b)
    >>> net.params["1"][...] = 2
    >>> net.logits(np.ones((1, 2)))
    array([[2., 2., 2.]])
    """
    code = Code(
        logits=logits,
        probabilities=probabilities,
        loss=loss,
        gradients=gradients,
        step=step,
        input_gradient=input_gradient,
        set_arrays=set_arrays,
    )
    return Adapted(problem, arrays, code, samples=samples, scale=scale, rate=rate)
