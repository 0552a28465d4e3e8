"""What is differentiated: a loss and its gradients over live arrays of parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from reference_mlp._arrays import FLOAT_DTYPES, Array, Params
from reference_mlp.testing.certified.active_set import active_set_of

SetParams = Callable[[Params], Any]


class GradientMismatchError(ValueError):
    """Gradients that can't be compared with their parameters: missing, or of another form."""


class Functions(NamedTuple):
    """A loss and its gradients as plain callables, over the live arrays in `params`.

    Both are called with the batch that the check is given, or with nothing.

    >>> b = np.array([3.0])
    >>> Functions(lambda: float(b @ b), lambda: {"b": 2 * b}, {"b": b}).loss()
    9.0
    """

    loss: Callable[..., Any]
    gradients: Callable[..., Mapping[str, Array]]
    params: Params


@dataclass
class Objective:
    """A scalar function of `params`, the gradients claimed for it, and a count of the calls.

    `set_params`, where given, is told of each change: for code that keeps copies. `active_set`
    says which side of its kinks the function is on, and `unrelated` makes a forward pass of
    another batch, to see whether one call leaves a trace in the next.
    """

    params: Params
    loss_of: Callable[[], Any]
    gradients_of: Callable[[], Any]
    inputs: dict[str, Array] = field(default_factory=dict)
    set_params: SetParams | None = None
    active_set: Callable[[], bytes | None] | None = None
    unrelated: Callable[[], Any] | None = None
    network: Any = None
    calls: int = 0

    def loss(self) -> Any:
        """Return the loss at the parameters as they stand, a real or complex scalar.

        Raises TypeError for anything but one number.
        """
        self.calls += 1
        value = self.loss_of()
        if not np.isscalar(value) and np.ndim(value) != 0:
            msg = f"the loss has shape {np.shape(value)}, expected a scalar"
            raise TypeError(msg)
        if isinstance(value, str | bytes) or value is None:
            msg = f"the loss is a {type(value).__name__}, expected a number"
            raise TypeError(msg)
        return value[()] if isinstance(value, np.ndarray) else value

    def gradients(self) -> Params:
        """Return the gradients by name of parameter.

        Raises GradientMismatchError where one is missing, unknown, or of another shape or dtype.
        """
        grads = self.gradients_of()
        if not isinstance(grads, Mapping):
            msg = f"the gradients are a {type(grads).__name__}, expected a dict by parameter"
            raise GradientMismatchError(msg)
        if unknown := set(grads) - set(self.params):
            msg = f"gradients {sorted(unknown)}, expected only those of {sorted(self.params)}"
            raise GradientMismatchError(msg)
        return {name: _require_gradient(name, grads, p) for name, p in self.params.items()}

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the parameters."""
        return next(iter(self.params.values())).dtype

    @property
    def size(self) -> int:
        """How many parameters there are."""
        return sum(p.size for p in self.params.values())

    def moved(self) -> None:
        """Tell code that keeps copies that the parameters have changed."""
        if self.set_params is not None:
            self.set_params(self.params)

    @contextmanager
    def rebound(self, arrays: Params) -> Iterator[None]:
        """Put `arrays` into the dict in place of its own, for a while.

        Code that looks its parameters up by name at each call follows; other code doesn't
        notice, which the caller sees by the dtype of what comes back.
        """
        own = dict(self.params)
        try:
            self.params.update(arrays)
            self.moved()
            yield
        finally:
            self.params.update(own)
            self.moved()


def objective_of(
    subject: Any,
    batch: tuple[Any, ...],
    *,
    set_params: SetParams | None = None,
    loss_oracle: Callable[[Params], Any] | None = None,
) -> Objective:
    """Return the objective of a network on (X, y), or of a triple (loss, gradients, params).

    Raises TypeError for a subject that is neither, for parameters that are not float32 or
    float64 arrays of one dtype, and ValueError where there are none, where one is read-only,
    empty or not finite, or where two share memory.
    """
    if isinstance(subject, tuple) and len(subject) == 3:
        objective = _of_functions(Functions(*subject), batch)
    elif all(hasattr(subject, part) for part in ("params", "loss", "gradients")):
        objective = _of_network(subject, batch)
    else:
        msg = (
            f"the subject is a {type(subject).__name__}, expected a network with params, "
            "loss(X, y) and gradients(X, y), or a triple (loss, gradients, params)"
        )
        raise TypeError(msg)
    _require_params(objective.params)
    objective.set_params = set_params
    if loss_oracle is not None:
        objective.loss_of = lambda: loss_oracle(objective.params)
        objective.active_set = None
    return objective


def _of_functions(f: Functions, batch: tuple[Any, ...]) -> Objective:
    return Objective(
        params=_mutable(f.params),
        loss_of=lambda: f.loss(*batch),
        gradients_of=lambda: f.gradients(*batch),
        inputs=_arrays(batch),
        unrelated=_another_pass(f.loss, batch),
    )


def _of_network(network: Any, batch: tuple[Any, ...]) -> Objective:
    if len(batch) != 2:
        msg = "a network is checked on a batch: give both X and y"
        raise TypeError(msg)
    X, y = batch
    return Objective(
        params=_mutable(network.params),
        loss_of=lambda: network.loss(X, y),
        gradients_of=lambda: network.gradients(X, y),
        inputs=_arrays(batch),
        active_set=lambda: active_set_of(network, X),
        unrelated=_another_pass(network.loss, batch),
        network=network,
    )


def _another_pass(loss: Callable[..., Any], batch: tuple[Any, ...]) -> Callable[[], Any] | None:
    """Return a call of `loss` on other inputs, where the first of the batch are floats."""
    if not batch or not isinstance(X := batch[0], np.ndarray) or X.dtype.kind != "f" or not X.ndim:
        return None
    return lambda: loss(np.roll(X, 1, axis=0) * np.asarray(0.5, X.dtype), *batch[1:])


def _mutable(params: Any) -> Any:
    """Return a dict of the same arrays for one that can't be written to."""
    if isinstance(params, Mapping) and not isinstance(params, MutableMapping):
        return dict(params)
    return params


def _arrays(batch: tuple[Any, ...]) -> dict[str, Array]:
    names = ("X", "y") if len(batch) <= 2 else [f"batch[{i}]" for i in range(len(batch))]
    return {n: a for n, a in zip(names, batch, strict=False) if isinstance(a, np.ndarray)}


def _require_params(params: Any) -> None:
    if not isinstance(params, Mapping):
        msg = f"params is a {type(params).__name__}, expected a dict of arrays by name"
        raise TypeError(msg)
    if not params:
        msg = "params is empty, expected at least one parameter to check"
        raise ValueError(msg)
    for name, p in params.items():
        _require_param(name, p)
    if len(dtypes := {p.dtype for p in params.values()}) > 1:
        msg = f"params have dtypes {sorted(map(str, dtypes))}, expected a single one"
        raise TypeError(msg)
    names = list(params)
    for i, a in enumerate(names):
        for b in names[i + 1 :]:
            if np.may_share_memory(params[a], params[b]):
                msg = f"params[{a!r}] and params[{b!r}] share memory: list a tied parameter once"
                raise ValueError(msg)


def _require_param(name: str, p: Any) -> None:
    if not isinstance(p, np.ndarray) or p.dtype not in FLOAT_DTYPES:
        kind = p.dtype if isinstance(p, np.ndarray) else type(p).__name__
        msg = f"params[{name!r}] is {kind}, expected an array of float32 or float64"
        raise TypeError(msg)
    if p.size == 0 or not np.isfinite(p).all():
        msg = f"params[{name!r}] of shape {p.shape} is empty or not finite"
        raise ValueError(msg)
    if not p.flags.writeable:
        msg = f"params[{name!r}] is read-only, expected an array that the check can move"
        raise ValueError(msg)


def _require_gradient(name: str, grads: Mapping[str, Any], p: Array) -> Array:
    if name not in grads:
        msg = f"no gradient of {name}, expected one of shape {p.shape}"
        raise GradientMismatchError(msg)
    g = grads[name]
    if not isinstance(g, np.ndarray) and not (isinstance(g, np.generic) and p.ndim == 0):
        msg = f"the gradient of {name} is a {type(g).__name__}, expected an array of {p.shape}"
        raise GradientMismatchError(msg)
    if g.shape != p.shape or g.dtype != p.dtype:
        msg = (
            f"the gradient of {name} has shape {g.shape} and dtype {g.dtype}, "
            f"expected {p.shape} and {p.dtype} as its parameter has"
        )
        raise GradientMismatchError(msg)
    return np.asarray(g)
