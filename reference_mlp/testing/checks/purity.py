"""What a call must leave alone: its arguments, its caches, and the answer of the next call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from reference_mlp._arrays import Array
from reference_mlp.layers import Activation, Layer
from reference_mlp.losses import Loss
from reference_mlp.testing.evidence import Evidence
from reference_mlp.testing.implementation import NetworkFactory, if_provided
from reference_mlp.testing.parameters import count_changed
from reference_mlp.testing.problems import Problem
from reference_mlp.testing.registry import Setting, check


@check("PUR")
def arguments_unchanged(
    at: Setting, problems: tuple[Problem, ...], make_network: NetworkFactory
) -> Iterator[Evidence]:
    """A network's loss and gradients leave inputs, targets and parameters as they were."""
    for problem, network, X, y in at.cases(problems, make_network):
        held = {"X": X, "y": y, **network.params}
        for method in ("logits", "loss", "gradients", "input_gradient"):
            batch = (X,) if method == "logits" else (X, y)
            call = getattr(network, method)
            found = if_provided(_leaves, f"{method}, {problem.name}", call, batch, held)
            if found is not None:
                yield found[1]


@check("PUM")
def modules_unchanged(
    at: Setting,
    activations: Mapping[str, Callable[[], Activation]],
    linear: Callable[[], Layer],
    losses: Mapping[str, Loss],
    softmax: Callable[[Array], Array],
) -> Iterator[Evidence]:
    """Layers and losses leave their inputs, caches and upstream gradients as they were."""
    rng = at.rng()
    z = rng.normal(size=(5, 4)).astype(at.dtype)
    y = np.eye(4, dtype=at.dtype)[rng.integers(4, size=5)]
    for name, make in activations.items():
        layer = make()
        yield from _round_trip(name, layer, (z.copy(),), (), rng)
    params = {"W": rng.normal(size=(4, 3)).astype(at.dtype), "b": np.ones(3, at.dtype)}
    yield from _round_trip("linear", linear(), (z.copy(), params), (params,), rng)
    for name, loss in losses.items():
        for method in ("value", "gradient", "probabilities"):
            batch = (z.copy(),) if method == "probabilities" else (z.copy(), y.copy())
            held = dict(zip(("the logits", "the targets"), batch, strict=False))
            yield _leaves(f"{name}.{method}", getattr(loss, method), batch, held)[1]
    logits = z.copy()
    yield _leaves("softmax", softmax, (logits,), {"the logits": logits})[1]


def _round_trip(
    name: str,
    layer: Any,
    inputs: tuple[Any, ...],
    params: tuple[Any, ...],
    rng: np.random.Generator,
) -> Iterator[Evidence]:
    """Call forward, then backward with a random upstream gradient, and watch all they are given."""
    returned, evidence = _leaves(f"{name}.forward", layer.forward, inputs, {"its input": inputs})
    yield evidence
    out, cache = returned
    upstream = rng.normal(size=out.shape).astype(out.dtype)
    held = {"the upstream gradient": upstream, "its cache": cache, "its parameters": params}
    yield _leaves(f"{name}.backward", layer.backward, (cache, upstream, *params), held)[1]


@check("PUD")
def data_unchanged(
    at: Setting,
    one_hot: Callable[..., Any],
    minibatches: Callable[..., Any],
    split: Callable[..., Any],
    standardise: Callable[..., Any],
    accuracy: Callable[..., Any],
) -> Iterator[Evidence]:
    """Functions of data leave the caller's arrays as they were."""
    rng = at.rng()
    X = rng.normal(3, 2, size=(7, 4)).astype(at.dtype)
    y = rng.integers(4, size=7)
    calls: dict[str, Callable[[], Any]] = {
        "one_hot": lambda: one_hot(y, 4),
        "minibatches": lambda: list(minibatches(X, y, 3, rng=rng)),
        "split": lambda: split(X, y, 0.3, rng=rng),
        "standardise": lambda: standardise(X),
        "accuracy": lambda: accuracy(X, y),
    }
    for name, call in calls.items():
        yield _leaves(name, call, (), {"X": X, "y": y})[1]


def _leaves(
    name: str, call: Callable[..., Any], arguments: tuple[Any, ...], held: Mapping[str, Any]
) -> tuple[Any, Evidence]:
    """Return what `call` returns, and whether every array in `held` is the same afterwards."""
    before = {what: [a.copy() for a in arrays_in(value)] for what, value in held.items()}
    returned = call(*arguments)
    changed = {
        what: sum(map(count_changed, arrays_in(value), before[what]))
        for what, value in held.items()
    }
    what = max(changed, key=lambda key: changed[key])
    count = changed[what]
    text = f"{name} changed {count} entries of {what}" if count else f"{name} changed nothing"
    return returned, Evidence(float(count), 0.0, name, text)


def arrays_in(value: Any) -> list[Array]:
    """Return the arrays in a nest of tuples, lists and dicts, in order."""
    if isinstance(value, np.ndarray):
        return [value]
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, tuple | list):
        return [a for item in value for a in arrays_in(item)]
    return []
