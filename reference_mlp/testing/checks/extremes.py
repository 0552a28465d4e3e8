"""Losses, activations and networks where floating-point numbers run out."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cache, partial
from typing import Any, NamedTuple

import numpy as np

from reference_mlp._arrays import FLOAT_DTYPES, Array
from reference_mlp.layers import Activation
from reference_mlp.losses import Loss
from reference_mlp.testing.evidence import Evidence
from reference_mlp.testing.implementation import NetworkFactory, NotProvidedError
from reference_mlp.testing.oracles import ACTIVATION_ORACLES, LOSS_ORACLES
from reference_mlp.testing.problems import Problem
from reference_mlp.testing.registry import Setting, check

GAPS = (0.0, 1.0, 16.0, 36.0, 88.0, 103.0, 709.0, 745.0, 1000.0, 10000.0)
"""Gaps between logits around each threshold: 1 + e^-16 and e^-36 vanish beside 1 in float32 and
64, e^88 and e^709 are the largest powers, e^-103 and e^-745 the smallest."""


@check("EXT")
def extreme_logits(at: Setting, losses: Mapping[str, Loss]) -> Iterator[Evidence]:
    """Losses and their gradients at logits up to 10,000 against decimal arithmetic."""
    for name in losses.keys() & LOSS_ORACLES.keys():
        for dtype in FLOAT_DTYPES:
            for case in _cases(name, dtype):
                yield _hold(losses[name], case)


class _Case(NamedTuple):
    """A batch with what the oracle says of it, and the sizes of the terms that round."""

    z: Array
    y: Array
    value: float
    gradient: Array
    size: float
    size_of_terms: float
    where: str


@cache
def _cases(name: str, dtype: np.dtype[Any]) -> list[_Case]:
    """Return each row as a batch of one, and all together: the same for every implementation."""
    rows = list(_extreme_rows(name))
    together = [np.array(column, dtype) for column in zip(*rows, strict=True)]
    batches = [(np.array([z], dtype), np.array([y], dtype)) for z, y in rows]
    return [_case(name, z, y) for z, y in (*batches, together)]


def _case(name: str, z: Array, y: Array) -> _Case:
    found = [_oracle(name, *map(tuple, row)) for row in zip(z.tolist(), y.tolist(), strict=True)]
    value = float(np.mean([v for v, _ in found]))
    gradient = np.array([g for _, g in found]) / len(z)
    # A loss is a difference of logits, so it can't be better than the rounding of these.
    size = max(1.0, float(np.abs(z).max()), abs(value))
    # p - y rounds at the size of its terms, which is 1 where the two nearly cancel.
    size_of_terms = max(1.0 / len(z), float(np.abs(gradient).max()))
    where = f"{name} of {z.dtype}, logits {z[0].tolist() if len(z) == 1 else f'in {len(z)} rows'}"
    return _Case(z, y, value, gradient, size, size_of_terms, where)


def _extreme_rows(loss: str) -> Iterator[tuple[list[float], list[float]]]:
    """Yield rows of logits with their targets: each gap, and far from zero as well."""
    for gap in GAPS:
        for offset in (0.0, 700.0, -700.0):
            if loss == "softmax_cross_entropy":
                z = [offset, offset + gap, offset - 0.5]
                yield z, [1.0, 0.0, 0.0]
                yield z, [0.0, 1.0, 0.0]
            elif loss == "sigmoid_binary_cross_entropy":
                yield [gap, -gap, offset], [0.0, 0.0, 1.0]
                yield [gap, -gap, offset], [1.0, 1.0, 0.0]
            else:
                yield [gap, -gap, offset], [1.0, 0.5, 0.0]


def _hold(loss: Loss, case: _Case) -> Evidence:
    """Compare value and gradient with the oracle's, in units of rounding of the largest term."""
    got_value = float(loss.value(case.z.copy(), case.y.copy()))
    got_gradient = np.asarray(loss.gradient(case.z.copy(), case.y.copy()), np.float64)
    u = float(np.finfo(case.z.dtype).eps)
    off_value = abs(got_value - case.value) / (u * case.size)
    off_gradient = float(np.abs(got_gradient - case.gradient).max()) / (u * case.size_of_terms)
    what, off, got, expected = (
        ("loss", off_value, got_value, case.value)
        if not off_value <= off_gradient and not np.isnan(off_gradient)
        else ("gradient", off_gradient, *_first_misfit(got_gradient, case.gradient))
    )
    text = f"{what} is {got:.6g}, expected {expected:.6g}; {case.where}"
    return Evidence(measured=off, threshold=32.0, where=case.where, message=text)


@cache
def _oracle(name: str, z: tuple[float, ...], y: tuple[float, ...]) -> tuple[float, list[float]]:
    return LOSS_ORACLES[name](z, y)


def _first_misfit(got: Array, expected: Array) -> tuple[float, float]:
    error = np.nan_to_num(np.abs(got - expected), nan=np.inf)
    at = np.unravel_index(int(error.argmax()), expected.shape)
    return float(got[at]), float(expected[at])


@check("EXA")
def extreme_activations(
    at: Setting, activations: Mapping[str, Callable[[], Activation]]
) -> Iterator[Evidence]:
    """Activations and their derivatives at arguments up to 10,000 against decimal arithmetic."""
    for name in activations.keys() & ACTIVATION_ORACLES.keys():
        for dtype in FLOAT_DTYPES:
            z = np.array([sign * gap for gap in GAPS for sign in (1, -1)], dtype)[:, None]
            expected = np.array([ACTIVATION_ORACLES[name](float(v)) for v in z[:, 0]]).T
            activation = activations[name]()
            h, cache = activation.forward(z.copy())
            h = np.array(h, np.float64)
            dz = np.asarray(activation.backward(cache, np.ones_like(z)), np.float64)
            u = float(np.finfo(dtype).eps)
            for what, got, right in (("value", h, expected[0]), ("derivative", dz, expected[1])):
                error = np.abs(got[:, 0] - right) / (u * np.maximum(1, np.abs(right)))
                worst = int(np.nan_to_num(error, nan=np.inf).argmax())
                where = f"{name} of {dtype} at {z[worst, 0]:g}"
                text = f"{what} is {got[worst, 0]:.6g}, expected {right[worst]:.6g}; {where}"
                yield Evidence(float(error[worst]), 32.0, where, text)


@check("WRN")
def floating_point_warnings(
    at: Setting, problems: tuple[Problem, ...], make_network: NetworkFactory
) -> Iterator[Evidence]:
    """No overflow, division by zero or invalid operation with parameters 1,000 times larger."""
    for dtype in FLOAT_DTYPES:
        # Somebody's own network may come in one dtype only.
        with suppress(NotProvidedError):
            for problem, network, X, y in Setting(at.seed, dtype).cases(problems, make_network):
                for p in network.params.values():
                    p *= 1000
                calls: dict[str, Callable[[], Any]] = {
                    "gradients": partial(network.gradients, X, y)
                }
                if not getattr(network, "recovers_loss", False):
                    # Else it is ours, of logits made of probabilities that have rounded to 0.
                    calls = {"loss": partial(network.loss, X, y), **calls}
                for what, call in calls.items():
                    where = f"{what} of the {problem.name}, {dtype}"
                    raised = _floating_point_error(call)
                    text = f"{raised or 'no floating-point error'}; {where}"
                    yield Evidence(float(raised is not None), 0.0, where, text)


def _floating_point_error(call: Callable[[], Any]) -> str | None:
    with np.errstate(over="raise", divide="raise", invalid="raise"), warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        try:
            call()
        except (FloatingPointError, RuntimeWarning) as error:
            return str(error)
    return None
