"""What must not matter: the order of rows, the names of classes, how a batch is cut."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from reference_mlp._arrays import Array, Params
from reference_mlp.testing.evidence import Evidence
from reference_mlp.testing.implementation import NetworkFactory, NetworkUnderTest, if_provided
from reference_mlp.testing.layouts import Reading, readings
from reference_mlp.testing.parameters import copied, entry, misfit, restored
from reference_mlp.testing.problems import Problem
from reference_mlp.testing.registry import Setting, check
from reference_mlp.testing.roundings import ROUNDINGS, hold_in_roundings

POWERS_OF_TWO = (0.25, 8.0)

_ROWS = {"logits", "dL/dX"}  # what has a row for each sample


@check("ROW")
def row_order(
    at: Setting, problems: tuple[Problem, ...], make_network: NetworkFactory
) -> Iterator[Evidence]:
    """The batch in another order has its logits and dL/dX in that order, all else the same."""
    for problem, network, X, y in _in_float64(at, problems, make_network):
        if len(X) > 1:
            where = f"rows in reverse order, {problem.name}"
            # Copies: somebody's code may take no array that runs backwards.
            expected, got = (
                _everything(network, X, y),
                _everything(network, *map(_reversed, (X, y))),
            )
            expected |= {name: expected[name][::-1] for name in expected if name in _ROWS}
            yield _hold(got, expected, where)


@check("PRM")
def class_names(
    at: Setting, problems: tuple[Problem, ...], make_network: NetworkFactory
) -> Iterator[Evidence]:
    """Outputs renamed with their weights and targets have their gradients renamed, no more."""
    for problem, network, X, y in _in_float64(at, problems, make_network):
        k, found = problem.sizes[-1], readings(network.params, problem.sizes)
        if k > 1 and len(found) == 1:
            order, where = np.roll(np.arange(k), 1), f"classes renamed, {problem.name}"
            expected = _everything(network, X, y)
            if bad := _ill_formed(network, expected, where):
                yield bad
                continue
            _rename(expected, found[0], order)
            expected["logits"] = expected["logits"][:, order]
            with restored(network.params):
                _rename(network.params, found[0], order)
                got = _everything(network, X, np.argsort(order)[y] if y.ndim == 1 else y[:, order])
            yield _hold(got, expected, where)


@check("BSP")
def batch_cut(
    at: Setting, problems: tuple[Problem, ...], make_network: NetworkFactory
) -> Iterator[Evidence]:
    """Loss and gradients of a batch are the means of its two parts', each by its number of rows.

    Of parts of two rows and more, unequal ones: single rows are another check's.
    """
    for problem, network, X, y in _in_float64(at, problems, make_network):
        n = len(X)
        if n >= 5:
            where = f"batch of {n} against 2 and {n - 2}, {problem.name}"
            one = _everything(network, X[:2], y[:2])
            two = _everything(network, X[2:], y[2:])
            if bad := _ill_formed(network, one, where) or _ill_formed(network, two, where):
                yield bad
                continue
            expected = {name: (2 * one[name] + (n - 2) * two[name]) / n for name in _means(one)}
            expected["logits"] = np.concatenate([one["logits"], two["logits"]])
            if "dL/dX" in one:
                expected["dL/dX"] = np.concatenate([2 * one["dL/dX"], (n - 2) * two["dL/dX"]]) / n
            got = _everything(network, X, y)
            yield _hold(got, expected, where)


@check("HOM")
def homogeneity(
    at: Setting, problems: tuple[Problem, ...], make_network: NetworkFactory
) -> Iterator[Evidence]:
    """Logits of a relu network without biases scale with its inputs, by powers of two exactly.

    A product by a power of two rounds nothing, so each step of the forward pass scales to the bit.
    """
    for problem, network, X, _ in at.cases(problems, make_network):
        found = readings(network.params, problem.sizes)
        if "relu" not in problem.activation or set(problem.activation) - {"relu", "identity"}:
            continue
        if len({reading.weights for reading in found}) != 1:
            continue
        if getattr(network, "recovers_logits", False):
            continue  # made of probabilities: up to a constant, and rounded
        with restored(network.params):
            for name in found[0].biases:
                network.params[name][...] = 0
            plain = np.array(network.logits(X))
            for c in POWERS_OF_TWO:
                scaled = np.asarray(network.logits((X * c).astype(X.dtype)))
                where = f"inputs times {c:g}, biases zero, {problem.name}"
                if why := misfit(scaled, plain):
                    yield Evidence(np.inf, 0.0, where, f"logits {why}; {where}")
                    continue
                off = np.nan_to_num(abs(scaled - c * plain), nan=np.inf)
                worst = np.unravel_index(int(off.argmax()), off.shape)
                name = entry("logits", worst)
                got, right = float(scaled[worst]), float(c * plain[worst])
                text = f"{name} is {got:.6g}, expected {right:.6g}; {where}"
                yield Evidence(float(off[worst]), 0.0, where, text)


def _in_float64(
    at: Setting, problems: tuple[Problem, ...], make_network: NetworkFactory
) -> Iterator[tuple[Problem, NetworkUnderTest, Array, Array]]:
    # Always: rounding can carry a unit across relu's kink, in float32 once in some thousand runs.
    return Setting(at.seed, np.float64).cases(problems, make_network)


def _everything(network: NetworkUnderTest, X: Array, y: Array) -> Params:
    """Return logits, loss, dL/dX and gradients, as copies: a network may reuse its buffers.

    A network may give no dL/dX; then there is none among them.
    """
    copies = {"logits": np.array(network.logits(X)), "loss": np.array(network.loss(X, y))}
    if (dX := if_provided(network.input_gradient, X, y)) is not None:
        copies["dL/dX"] = np.array(dX)
    return copies | copied(network.gradients(X, y))


def _ill_formed(
    network: NetworkUnderTest, arrays: Mapping[str, Array], where: str
) -> Evidence | None:
    """Name the first gradient that hasn't its parameter's shape, as nothing can be done with it."""
    for name, p in network.params.items():
        if why := misfit(arrays.get(name), p):
            text = f"the gradient of {name} {why}; {where}"
            return Evidence(np.inf, ROUNDINGS, where, text)
    return None


def _means(arrays: Mapping[str, Array]) -> list[str]:
    return [name for name in arrays if name not in _ROWS]


def _reversed(rows: Array) -> Array:
    return np.array(rows[::-1])


def _rename(arrays: Params, reading: Reading, order: Array) -> None:
    """Put the last layer's outputs into another order, in weights or in their gradients."""
    last = len(reading.weights) - 1
    W, b = reading.weight(arrays, last), reading.bias(arrays, last)
    W[...], b[...] = W[:, order], b[order]


def _hold(got: Params, expected: Params, where: str) -> Evidence:
    # By name, from the last: of arrays that are equally far off, that one is reported.
    by_name = dict(sorted(expected.items(), reverse=True))
    return hold_in_roundings(got, by_name, where, dtype=np.float64)
