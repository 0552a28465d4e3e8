"""Questions to functions: softmax, activations, losses, the penalty."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from reference_mlp._arrays import Array
from reference_mlp.testing.probes.observation import Answers, probe
from reference_mlp.testing.registry import Setting


def _logits(at: Setting) -> dict[str, Array]:
    """Return logits (N, K): usual, of one row, and those at which formulas overflow or round."""
    rng = np.random.default_rng([at.seed, 3])
    usual = rng.normal(size=(6, 4))
    found = {
        "usual": usual,
        "one row": usual[:1],
        "far apart": usual * 1e3,
        "all large": 1e4 + usual,
        "one row large": usual + 1e4 * (np.arange(6) == 2)[:, None],
        "sure of it": usual + 60 * np.eye(4)[[0, 1, 2, 3, 0, 1]],
        "zero": np.zeros((3, 4)),
    }
    return {name: z.astype(at.dtype) for name, z in found.items()}


def _unchanged(answers: Answers, key: str, now: Array, before: Array) -> None:
    same = np.array_equal(now, before, equal_nan=True)
    answers.keep(f"{key} changed", "nothing" if same else "its argument")


@probe
def softmax(at: Setting, answers: Answers, softmax: Callable[[Array], Array]) -> None:
    """Ask for probabilities."""
    for name, z in _logits(at).items():
        given = z.copy()
        p = answers.watched(name, softmax, given)
        answers.keep(f"{name}: dtype", str(getattr(p, "dtype", None)))
        _unchanged(answers, name, given, z)


@probe
def activations(
    at: Setting, answers: Answers, activations: Mapping[str, Callable[[], Any]]
) -> None:
    """Ask for values and slopes: at usual places, at the kink, tiny ones and far out."""
    rng = np.random.default_rng([at.seed, 4])
    places = {
        "usual": 2 * rng.normal(size=(5, 4)),
        "at zero": np.zeros((2, 3)),
        "tiny": rng.normal(size=(3, 3)) * 1e-9,
        "large": rng.normal(size=(3, 4)) * 30,
        "huge": np.array([[-1e4, 1e4, -800.0, 800.0]]),
    }
    for name, make in activations.items():
        for where, place in places.items():
            z = place.astype(at.dtype)
            dh = rng.normal(size=z.shape).astype(at.dtype)
            key, given, upstream = f"{name}, {where}", z.copy(), dh.copy()
            layer = make()
            answers.watched(f"{key}: forward", lambda a=layer, z=given: np.array(a.forward(z)[0]))
            try:
                h, cache = layer.forward(given.copy())
            except Exception:  # noqa: BLE001, S112 - it has been answered
                continue
            _unchanged(answers, f"{key}: forward", given, z)
            answers.watched(f"{key}: backward", layer.backward, cache, upstream)
            _unchanged(answers, f"{key}: backward", upstream, dh)
            # The cache of one pass after another one, and the output that the caller has.
            other = make()
            answers.ask(f"{key}: another", lambda a=other, z=z: a.forward(-z)[0])
            answers.ask(f"{key}: backward later", layer.backward, cache, dh.copy())
            answers.keep(f"{key}: output later", h)


def _targets(name: str, z: Array, at: Setting) -> dict[str, Array]:
    rng = np.random.default_rng([at.seed, 5])
    n, k = z.shape
    if name == "softmax_cross_entropy":
        labels = np.arange(n) % k
        return {"labels": labels, "one-hot": np.eye(k)[labels].astype(at.dtype)}
    if name == "sigmoid_binary_cross_entropy":
        y = rng.uniform(size=(n, k))
        return {"fractions": y.astype(at.dtype), "ends": np.round(y).astype(at.dtype)}
    return {"reals": rng.normal(size=(n, k)).astype(at.dtype)}


@probe
def losses(at: Setting, answers: Answers, losses: Mapping[str, Any]) -> None:
    """Ask for values, gradients and probabilities, of logits from usual to extreme."""
    for name, loss in losses.items():
        for where, z in _logits(at).items():
            for kind, y in _targets(name, z, at).items():
                _of_one(answers, f"{name}, {where}, {kind}", loss, z, y)
        if name == "squared_error":
            z = _logits(at)["usual"][:, :1]
            _of_one(answers, f"{name}, a column", loss, z, z[:, 0] + z.dtype.type(0.5))
            _of_one(answers, f"{name}, far", loss, z * z.dtype.type(1e6), np.zeros_like(z))


def _of_one(answers: Answers, key: str, loss: Any, z: Array, y: Array) -> None:
    given, targets = z.copy(), y.copy()
    value = answers.watched(f"{key}: value", loss.value, given, targets)
    _unchanged(answers, f"{key}: value", given, z)
    dz = answers.watched(f"{key}: gradient", loss.gradient, given, targets)
    _unchanged(answers, f"{key}: gradient", given, z)
    answers.keep(f"{key}: dtype", f"{getattr(value, 'dtype', None)} {getattr(dz, 'dtype', None)}")
    answers.ask(f"{key}: probabilities", loss.probabilities, given)
    answers.ask(f"{key}: gradient again", loss.gradient, given, targets)


@probe
def penalty(at: Setting, answers: Answers, penalty: Callable[[float], Any]) -> None:
    """Ask for the penalty of weights and biases, and for its gradient."""
    rng = np.random.default_rng([at.seed, 6])
    params = {
        "0.W": rng.normal(size=(4, 3)).astype(at.dtype),
        "0.b": rng.normal(size=3).astype(at.dtype),
        "2.W": rng.normal(size=(3, 2)).astype(at.dtype),
        "2.b": rng.normal(size=2).astype(at.dtype),
    }
    for strength in (0.3, np.float64(0.02)):
        of = penalty(strength)
        key = f"strength {float(strength)}"
        answers.ask(f"{key}: value", of.value, params)
        grads = answers.ask(f"{key}: gradient", of.gradient, params) or {}
        dtypes = ", ".join(str(getattr(g, "dtype", None)) for g in grads.values())
        answers.keep(f"{key}: dtypes", dtypes)
