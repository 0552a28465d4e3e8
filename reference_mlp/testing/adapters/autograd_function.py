"""Functions that HIPS autograd differentiates, as the checks want to see them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reference_mlp.testing.adapt import Adapted, adapt
from reference_mlp.testing.adapters.nests import write
from reference_mlp.testing.problems import Problem


def adapt_autograd(
    problem: Problem,
    params: Any,
    logits: Callable[[Any, Any], Any],
    loss: Callable[[Any, Any, Any], Any],
) -> Adapted:
    """Return functions of `params`, a nest of arrays: `logits(params, X)`, `loss(params, X, y)`.

    Gradients are those of `autograd.grad`. The arrays in `params` are written into.
    """
    from autograd import grad  # an extra

    by_params, by_inputs = grad(loss, 0), grad(loss, 1)
    return adapt(
        problem,
        params,
        # In the dtype of what is given: everything is then computed in that.
        set_arrays=lambda arrays: write(params, arrays, widen=True),
        logits=lambda X: logits(params, X),
        loss=lambda X, y: loss(params, X, y),
        gradients=lambda X, y: by_params(params, X, y),
        input_gradient=lambda X, y: by_inputs(params, X, y),
    )
