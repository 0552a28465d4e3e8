"""A torch.nn.Module with its loss, as the checks want to see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from reference_mlp._arrays import Array
from reference_mlp.testing.adapt import Adapted, adapt
from reference_mlp.testing.problems import Problem


def adapt_module(
    problem: Problem, module: Any, loss: Callable[[Any, Any], Any] | None = None
) -> Adapted:
    """Return a `module` that maps inputs (N, D) to logits (N, K) as the checks want to see it.

    `loss(logits, y)` returns a tensor of one number, where None the one that the problem names;
    labels come as int64, other targets in the dtype of the module. Parameters that need no
    gradient are left alone. Random numbers are seeded before each call, so that dropout has the
    same mask.
    """
    import torch  # an extra, and heavy

    names = [name for name, p in module.named_parameters() if p.requires_grad]
    params = dict(module.named_parameters())
    criterion = loss or _losses(torch)[problem.loss]

    def tensor(a: Array) -> Any:
        # Copied: arrays may be read backwards or reused, which torch does not take.
        found = torch.as_tensor(np.ascontiguousarray(a).copy())
        return found.to(params[names[0]].dtype) if a.dtype.kind == "f" else found

    def value(X: Any, y: Array) -> Any:
        return criterion(module(X), tensor(y))

    def logits(X: Array) -> Array:
        with torch.no_grad():
            found: Array = module(tensor(X)).numpy()
        return found

    def number(X: Array, y: Array) -> Any:
        with torch.no_grad():
            return value(tensor(X), y).numpy()

    def gradients(X: Array, y: Array) -> dict[str, Any]:
        wanted = [params[name] for name in names]
        found = torch.autograd.grad(value(tensor(X), y), wanted, allow_unused=True)
        return {
            name: np.zeros(p.shape, p.detach().numpy().dtype) if g is None else g.numpy()
            for name, p, g in zip(names, wanted, found, strict=True)
        }

    def input_gradient(X: Array, y: Array) -> Array:
        inputs = tensor(X).requires_grad_()
        (found,) = torch.autograd.grad(value(inputs, y), [inputs])
        dX: Array = found.numpy()
        return dX

    def set_arrays(arrays: list[Array]) -> None:
        for name, a in zip(names, arrays, strict=True):
            # In the dtype of what is given: the module then computes in that.
            params[name].data = torch.as_tensor(a.real.copy())

    return adapt(
        problem,
        lambda: {name: params[name].detach().numpy() for name in names},
        set_arrays=set_arrays,
        logits=logits,
        loss=number,
        gradients=gradients,
        input_gradient=input_gradient,
    )


def _losses(torch: Any) -> dict[str, Callable[[Any, Any], Any]]:
    """Return torch's own for each loss that a problem may name."""
    functional = torch.nn.functional
    return {
        "softmax_cross_entropy": functional.cross_entropy,
        "sigmoid_binary_cross_entropy": lambda z, y: (
            functional.binary_cross_entropy_with_logits(z, y.reshape(z.shape), reduction="sum")
            / len(z)
        ),
        "squared_error": lambda z, y: (
            functional.mse_loss(z, y.reshape(z.shape), reduction="sum") / (2 * len(z))
        ),
    }
