"""What has to hold before a derivative means anything: pure functions of sound arrays."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from reference_mlp._arrays import Array, Params
from reference_mlp.network import Network
from reference_mlp.testing.certified.objective import Objective
from reference_mlp.testing.parameters import entry


@dataclass
class Preflight:
    """The loss and the gradients, what is wrong with the way they were got, what may be."""

    loss: float
    grads: Params
    faults: list[str] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)


def preflight(objective: Objective) -> Preflight:
    """Call loss and gradients in several orders, and see that nothing but the answers comes out.

    The loss and the gradients are asked for twice, the gradients also after a pass of another
    batch, in changed order; each answer must be the same bit for bit. Inputs and parameters must
    be left as they were, and gradients must be arrays of their own. One set of gradients is held
    at a time, so that memory does not grow.

    Raises ValueError for a loss that is not finite, TypeError for one that is no real scalar,
    and GradientMismatchError for gradients of another form.
    """
    before = _digests(objective.params | objective.inputs)
    loss = _finite(objective.loss())
    grads = objective.gradients()
    first = _digests(grads)
    found = Preflight(loss, grads)
    again = _finite(objective.loss())
    if written := _written(objective, before):
        found.faults.append(written)
        return found
    if again != loss:
        found.undecided.append(
            f"the loss is {loss!r} and then {again!r} on the same batch: fix the random masks"
        )
        return found
    if objective.unrelated is not None:
        objective.unrelated()
        objective.calls += 1
        if _digests(grads) != first:
            found.faults.append("a forward pass changes gradients handed out before it")
            grads = objective.gradients()
        elif (tape := _gradients_of_tape(objective)) is not None and _digests(tape) != first:
            found.faults.append("backward uses what a later forward pass left: stale caches")
    found.faults.extend(_shared(grads, objective))
    found.faults.extend(_not_finite(grads))
    # Let go before the next are made.
    found.grads = grads = {}
    found.grads = grads = objective.gradients()
    if _digests(grads) != first:
        found.faults.append("gradients of the same batch differ from call to call")
    if written := _written(objective, before):
        found.faults.append(written)
    return found


def _written(objective: Objective, before: Mapping[str, bytes]) -> str | None:
    after = _digests(objective.params | objective.inputs)
    changed = [name for name in before if before[name] != after[name]]
    return f"loss or gradients write into {', '.join(changed)}" if changed else None


def blind_spots(objective: Objective) -> list[str]:
    """Say which faults could not show, whatever the code does, at sizes or values like these."""
    spots = []
    X = objective.inputs.get("X")
    sizes = sorted({n for p in objective.params.values() for n in p.shape})
    if X is not None and X.ndim == 2:
        n, d = X.shape
        if n == 1:
            spots.append("a batch of one row: sum and mean over the batch are the same")
        elif n in sizes:
            spots.append(f"the batch has {n} rows and some layer {n} units: axes can be mixed up")
        dead = int((X == 0).all(axis=0).sum())
        if dead:
            spots.append(f"{dead} of {d} inputs are zero in the whole batch")
    for name, p in objective.params.items():
        if p.ndim == 2 and p.shape[0] == p.shape[1] > 1:
            spots.append(f"{name} is square: its transpose has its shape")
            if np.array_equal(p, p.T):
                spots.append(f"{name} is symmetric: its transpose is itself")
        if not p.any():
            spots.append(f"{name} is zero: what is multiplied by it can't be seen")
        elif p.size > 1 and p.min() == p.max():
            spots.append(f"{name} has one value throughout: its entries can't be told apart")
    return spots


def _digests(arrays: Mapping[str, Array]) -> dict[str, bytes]:
    return {
        name: hashlib.sha256(np.ascontiguousarray(a).data.cast("B")).digest() if a.size else b""
        for name, a in arrays.items()
    }


def _finite(value: Any) -> float:
    if np.iscomplexobj(value):
        msg = f"the loss is {value!r}, expected a real number"
        raise TypeError(msg)
    loss = float(value)
    if not np.isfinite(loss):
        msg = f"the loss is {loss}, expected a finite number"
        raise ValueError(msg)
    return loss


def _gradients_of_tape(objective: Objective) -> Mapping[str, Any] | None:
    """Return the gradients of a pass with another one between its forward and its backward."""
    network = objective.network
    if not isinstance(network, Network) or objective.unrelated is None:
        return None
    _, tape = network.forward(objective.inputs["X"])
    objective.unrelated()
    objective.calls += 2
    return network.backward(tape, objective.inputs["y"])[0]


def _shared(grads: Params, objective: Objective) -> Iterable[str]:
    own = [(f"the gradient of {name}", g) for name, g in grads.items()]
    for i, (name, g) in enumerate(own):
        for other, a in [*own[i + 1 :], *objective.params.items(), *objective.inputs.items()]:
            if np.may_share_memory(g, a) and np.shares_memory(g, a):
                yield f"{name} shares memory with {other}"


def _not_finite(grads: Params) -> Iterable[str]:
    for name, g in grads.items():
        if not np.isfinite(g).all():
            first = tuple(np.argwhere(~np.isfinite(g))[0])
            yield f"{entry(name, first)}: analytic {g[first]}, expected a finite number"
