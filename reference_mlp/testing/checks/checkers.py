"""Gradient checkers: what they must pass, what they must not, and what they leave as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from reference_mlp._arrays import Array, Params
from reference_mlp.testing.checker_cases import Case, right_cases, wrong_cases
from reference_mlp.testing.evidence import Evidence
from reference_mlp.testing.global_generators import numpy_state, seeded
from reference_mlp.testing.implementation import NetworkUnderTest
from reference_mlp.testing.parameters import count_changed
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
        X, y = case.X.copy(), case.y.copy()
        with _put_back(case.network.params) as before, seeded(at.seed):
            state = numpy_state()
            _call(gradient_checker, Case(case.name, case.network, X, y))
            drawn = state != numpy_state()
            arrays = dict(case.network.params)
            found = [
                f"{name} in {n} of {p.size} entries"
                for name, (p, old) in before.items()
                if (n := count_changed(arrays[name], old))
            ]
        found += [
            f"{name}, another array" for name, (p, _) in before.items() if arrays[name] is not p
        ]
        given = {"X": (X, case.X), "y": (y, case.y)}
        found += [name for name, (a, b) in given.items() if a.tobytes() != b.tobytes()]
        found += ["the state of np.random"] if drawn else []
        text = f"the checker changes {', '.join(found) or 'nothing'}; {case.name}"
        yield Evidence(float(len(found)), 0.0, case.name, text)


@contextmanager
def _put_back(params: Params) -> Iterator[dict[str, tuple[Array, Array]]]:
    """Yield each array with a copy of it, and put both back: cases share their network."""
    before = {name: (p, p.copy()) for name, p in params.items()}
    try:
        yield before
    finally:
        for name, (p, old) in before.items():
            p[...] = old
            params[name] = p


class _Raised(str):
    """What a checker raised in place of an answer."""

    __slots__ = ()


def _answer(checker: Checker, case: Case, seed: int) -> Any:
    """Return what `checker` says of `case`; the parameters are put back, whatever it does."""
    with _put_back(case.network.params), seeded(seed):
        return _call(checker, case)


def _call(checker: Checker, case: Case) -> Any:
    try:
        return checker(case.network, case.X, case.y)
    except Exception as error:  # noqa: BLE001 - whatever the checker raises
        return _Raised(f"{type(error).__name__}: {error}".partition("\n")[0])
