"""A JAX loss over a pytree of parameters, as the checks want to see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from reference_mlp._arrays import Array
from reference_mlp.testing.adapt import Adapted, adapt
from reference_mlp.testing.problems import Problem


def adapt_jax(
    problem: Problem,
    params: Any,
    logits: Callable[[Any, Any], Any],
    loss: Callable[[Any, Any, Any], Any],
) -> Adapted:
    """Return functions of a pytree as a network: `logits(params, X)` and `loss(params, X, y)`.

    Gradients are those of `jax.grad`. Everything is computed in the dtype of the parameters, in
    float64 also where JAX is not set to it.
    """
    import jax  # an extra, and heavy

    found, structure = jax.tree_util.tree_flatten_with_path(params)
    held = {jax.tree_util.keystr(path): np.array(leaf) for path, leaf in found}
    # Older ones have it there.
    wide = (jax if hasattr(jax, "enable_x64") else jax.experimental).enable_x64

    def call(function: Callable[..., Any], *arguments: Array) -> Any:
        """Call it with copies of what is held: JAX may still look at an array when we change it."""
        with wide(True):
            copies = [jax.numpy.array(a, copy=True) for a in held.values()]
            tree = jax.tree_util.tree_unflatten(structure, copies)
            batch = [jax.numpy.array(a, copy=True) for a in arguments]
            return jax.tree_util.tree_map(np.array, function(tree, *batch))

    def gradients(X: Array, y: Array) -> list[Any]:
        leaves: list[Any] = jax.tree_util.tree_leaves(call(jax.grad(loss), X, y))
        return leaves

    def set_arrays(arrays: list[Array]) -> None:
        held.update(zip(held, (a.real.copy() for a in arrays), strict=True))

    return adapt(
        problem,
        held,
        set_arrays=set_arrays,
        logits=lambda X: call(logits, X),
        loss=lambda X, y: call(loss, X, y),
        gradients=gradients,
        input_gradient=lambda X, y: call(jax.grad(loss, argnums=1), X, y),
    )
