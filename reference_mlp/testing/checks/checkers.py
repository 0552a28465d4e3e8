"""Gradient checkers: what they must pass, what they must not, and what they leave as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from reference_mlp._arrays import Array
from reference_mlp.testing.checker_cases import Case, random_state, right_cases, wrong_cases
from reference_mlp.testing.evidence import Evidence
from reference_mlp.testing.implementation import NetworkUnderTest
from reference_mlp.testing.registry import Setting, check

Checker = Callable[[NetworkUnderTest, Array, Array], bool]


@check("GCP")
def checker_passes_right(at: Setting, gradient_checker: Checker) -> Iterator[Evidence]:
    """A gradient checker returns True for right networks, whatever makes differences hard.

    Kinks, dead units, gradients below the noise of the loss, a large loss, float32: each occurs
    in sound training, and who is told of an error that isn't there looks for it in vain.
    """
    for case in right_cases(at.seed):
        answer = _answer(gradient_checker, case, at.seed)
        right = isinstance(answer, bool | np.bool_) and bool(answer)
        said = f"raises {answer}" if isinstance(answer, _Raised) else f"returns {answer!r}"
        text = f"the checker {said} for right gradients: {case.name}"
        yield Evidence(float(not right), 0.0, case.name, text)


@check("GCW")
def checker_catches_wrong(at: Setting, gradient_checker: Checker) -> Iterator[Evidence]:
    """A gradient checker lets no planted fault through: scaled, zeroed, swapped, NaN and more.

    The smallest is off by 1e-3 of the gradient's norm, ten thousand times the error of central
    differences in float64. Raising is as loud as False.
    """
    missed, n = [], 0
    for case in wrong_cases(at.seed):
        n += 1
        answer = _answer(gradient_checker, case, at.seed)
        if not isinstance(answer, _Raised) and answer:
            missed.append(case.name)
    text = f"the checker lets {len(missed)} of {n} wrong networks through"
    text += f": {'; '.join(missed)}" if missed else ""
    yield Evidence(float(len(missed)), 0.0, missed[0] if missed else "planted faults", text)


@check("GCL")
def checker_leaves_network(at: Setting, gradient_checker: Checker) -> Iterator[Evidence]:
    """A gradient checker leaves parameters, batch and np.random as they were, bit for bit.

    After a fault as well: that is when somebody goes on to look at the network.
    """
    right = next(iter(right_cases(at.seed)))
    wanted = {"gradients negated", "last array zero", "one entry NaN", "gradients negated, float32"}
    wrong = (case for case in wrong_cases(at.seed) if case.name in wanted)
    for case in (right, *wrong):
        arrays = case.network.params
        before = {name: (p, p.copy()) for name, p in arrays.items()}
        X, y = case.X.copy(), case.y.copy()
        with random_state(at.seed):
            state = _state()
            _call(gradient_checker, Case(case.name, case.network, X, y))
            drawn = state != _state()
        found = [
            f"{name} in {n} of {p.size} entries"
            for name, (p, old) in before.items()
            if (n := _count_changed(arrays[name], old))
        ]
        found += [
            f"{name}, another array" for name, (p, _) in before.items() if arrays[name] is not p
        ]
        found += [
            name for name, a, b in (("X", X, case.X), ("y", y, case.y)) if _bits(a) != _bits(b)
        ]
        found += ["the state of np.random"] if drawn else []
        text = f"the checker changes {', '.join(found) or 'nothing'}; {case.name}"
        yield Evidence(float(len(found)), 0.0, case.name, text)
        for name, (p, old) in before.items():
            # Cases share their network: each is met as it was made.
            p[...] = old
            arrays[name] = p


class _Raised(str):
    """What a checker raised in place of an answer."""

    __slots__ = ()


def _answer(checker: Checker, case: Case, seed: int) -> Any:
    """Return what `checker` says of `case`; the parameters are put back, whatever it does."""
    before = {name: (p, p.copy()) for name, p in case.network.params.items()}
    with random_state(seed):
        answer = _call(checker, case)
    for name, (p, old) in before.items():
        p[...] = old
        case.network.params[name] = p
    return answer


def _call(checker: Checker, case: Case) -> Any:
    try:
        return checker(case.network, case.X, case.y)
    except Exception as error:  # noqa: BLE001 - whatever the checker raises
        return _Raised(f"{type(error).__name__}: {error}".partition("\n")[0])


def _state() -> tuple[bytes, int]:
    _, keys, place, *_ = np.random.get_state()  # noqa: NPY002
    return _bits(np.asarray(keys)), int(place)


def _bits(a: Array) -> bytes:
    return a.tobytes()


def _count_changed(now: Array, before: Array) -> int:
    if now.shape != before.shape or now.dtype != before.dtype:
        return int(before.size)
    both_nan = np.isnan(now) & np.isnan(before)
    return int(((now != before) & ~both_nan).sum())
