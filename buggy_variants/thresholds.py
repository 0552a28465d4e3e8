"""At which input an unstable variant first goes wrong, in each precision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from buggy_variants.catalog import Entry
from reference_mlp.testing import Implementation, assemble
from reference_mlp.testing.implementation import same_part
from reference_mlp.testing.stability import first_failures

DTYPES = ("float16", "float32", "float64")


@dataclass(frozen=True)
class Threshold:
    """A function that goes wrong as `t` rises along a path, and from which `t` on.

    `first` has a number for each of `DTYPES`, None where nothing went wrong.
    """

    function: str
    path: str
    first: tuple[float | None, ...]

    @property
    def cells(self) -> tuple[str, ...]:
        """Function, path and numbers as text, to the digits that tell neighbours apart."""
        numbers = zip(self.first, DTYPES, strict=True)
        shown = ("-" if t is None else str(np.dtype(dtype).type(t)) for t, dtype in numbers)
        return (self.function, self.path, *shown)


def thresholds(entry: Entry) -> list[Threshold]:
    """Return where the functions of an entry of the family numerics first go wrong.

    Other families are wrong at ordinary inputs, or not in a function: they have none. Found by
    bisection to one ULP; where right and wrong inputs alternate, it is one such place.
    """
    if entry.family != "numerics":
        return []
    found = {(f.subject, f.dtype): f for f in first_failures(_replaced(entry.implementation))}
    rows = []
    for function in dict.fromkeys(name for name, _ in found):
        failures = [found.get((function, dtype)) for dtype in DTYPES]
        path = next(f.path for f in failures if f is not None)
        rows.append(Threshold(function, path, tuple(f.t if f else None for f in failures)))
    return rows


def _replaced(implementation: Implementation) -> Implementation:
    """Return it without the functions that are the reference's: those go wrong nowhere."""
    right = assemble()

    def others(parts: Mapping[str, Any] | None, sound: Mapping[str, Any] | None) -> dict[str, Any]:
        sound = sound or {}
        return {
            name: part
            for name, part in (parts or {}).items()
            if name not in sound or not same_part(part, sound[name])
        }

    return replace(
        implementation,
        softmax=None
        if same_part(implementation.softmax, right.softmax)
        else implementation.softmax,
        activations=others(implementation.activations, right.activations),
        losses=others(implementation.losses, right.losses),
    )
