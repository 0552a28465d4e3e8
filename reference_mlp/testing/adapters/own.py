"""The implementation that somebody's adapted network is, and a rehearsal before it is judged."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from reference_mlp._arrays import Array
from reference_mlp.testing.adapters.nests import AdapterError
from reference_mlp.testing.global_generators import seeded
from reference_mlp.testing.implementation import Implementation, NotProvidedError
from reference_mlp.testing.layouts import readings
from reference_mlp.testing.problems import Problem

if TYPE_CHECKING:
    from reference_mlp.testing.adapters.adapted import Adapted


def implementation_of(make: Callable[..., Adapted], *, name: str = "") -> Implementation:
    """Return the implementation whose networks `make` builds, all of one problem.

    A `make` that takes a `dtype` is asked for it; of others a float32 network is turned into one
    of float64 where its parameters can be replaced. Raises AdapterError, in words, where what the
    adapter says of the code can't be so.
    """
    asked = "dtype" in inspect.signature(make).parameters
    with seeded(0):
        first = make()
    _rehearse(first)

    def make_network(
        sizes: tuple[int, ...],
        *,
        activation: tuple[str, ...],
        loss: str,
        l2: float,
        dtype: Any,
        rng: np.random.Generator,
    ) -> Any:  # an Adapted has no tape, which the checks that want one ask for
        problem = first.problem
        if (sizes, activation, loss) != (problem.sizes, problem.activation, problem.loss):
            msg = f"it comes as a {problem.name} only"
            raise NotProvidedError(msg)
        with seeded(int(rng.integers(2**31))):
            network = make(dtype=np.dtype(dtype)) if asked else make()
        if network.dtype == np.float32 and np.dtype(dtype) == np.float64:
            network.widen()
            X, _ = problem.batch(dtype=dtype, rng=np.random.default_rng(0))
            if network.logits(X).dtype == np.float64:
                return network
        if network.dtype != np.dtype(dtype):
            msg = f"it comes in {network.dtype} only"
            raise NotProvidedError(msg)
        return network

    return Implementation(
        name=name or getattr(make, "__name__", "network"),
        make_network=make_network,
        problems=(_with_or_without_biases(first),),
        adapted=make,
    )


def _with_or_without_biases(network: Adapted) -> Problem:
    found = readings(network.params, network.problem.sizes)
    has_some = not found or any(reading.biases for reading in found)
    return replace(network.problem, biases=has_some)


def _rehearse(network: Adapted) -> None:
    """Raise AdapterError for what shows at once; an error of the code itself is for the checks."""
    problem = network.problem
    X, y = problem.batch(dtype=network.dtype, rng=np.random.default_rng(0))
    _keeps(network)
    for rehearse in (_logits, _gradients, _no_step):
        try:
            rehearse(network, X, y)
        except AdapterError:
            raise
        except Exception:  # noqa: BLE001, S110 - whatever the code raises, the checks will say so
            pass


def _keeps(network: Adapted) -> None:
    """Raise AdapterError where parameters that are written don't arrive."""
    before = {name: p.copy() for name, p in network.params.items()}
    for p in network.params.values():
        p += p.dtype.type(0.5)
    network._hand_over()
    arrived = network._live()
    for name, p in network.params.items():
        if not np.array_equal(np.reshape(arrived[name], p.shape), p):
            msg = (
                f"what is written into parameter {name} is not there when `arrays` is asked again: "
                "it returns copies; let it return the arrays themselves, or give set_arrays"
            )
            raise AdapterError(msg)
        p[...] = before[name]
    network._hand_over()


def _logits(network: Adapted, X: Array, y: Array) -> None:
    n, k = len(X), network.problem.sizes[-1]
    shape = np.shape(network.logits(X))
    if shape == (n, k):
        return
    hint = ""
    if shape == (k, n):
        hint = ': is it samples="columns"?'
    elif len(shape) == 3:
        hint = ': is it samples="stack of columns"?'
    msg = f"the logits of {n} rows have shape {shape}, expected {(n, k)}{hint}"
    raise AdapterError(msg)


def _gradients(network: Adapted, X: Array, y: Array) -> None:
    with suppress(NotProvidedError):
        network.gradients(X, y)


def _no_step(network: Adapted, X: Array, y: Array) -> None:
    """A step of no length stays where it is, unless the code draws new weights before it."""
    if network.code.step is None or network.rate is not None:
        return
    after = network.after_step(X, y, 0.0)
    for name, p in network.params.items():
        if np.isfinite(after[name]).all() and not np.array_equal(after[name], p):
            msg = (
                f"a step with learning rate 0 changes {name}: does it draw new weights? "
                "Put a function that does nothing in place of the one that draws them. Has it a "
                "learning rate of its own? Say which: rate="
            )
            raise AdapterError(msg)
