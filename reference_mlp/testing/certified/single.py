"""float32: the same formulas in float64, and float32 gradients against float64 ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from reference_mlp._arrays import Array, Params
from reference_mlp.testing.certified.objective import (
    GradientMismatchError,
    Objective,
    SetParams,
    objective_of,
)
from reference_mlp.testing.certified.report import Fault, GradientReport
from reference_mlp.testing.evidence import Outcome
from reference_mlp.testing.parameters import entry

ROUNDINGS = 8.0
"""The constant c of the bound on float32 rounding."""
SAMPLES = 4


@contextmanager
def in_double(
    objective: Objective,
    base: Params,
    subject: Any,
    batch: tuple[Any, ...],
    set_params: SetParams | None,
) -> Iterator[Objective | None]:
    """Yield the objective with parameters and batch in float64, or None where that's not to be had.

    The arrays in the dict of parameters are replaced for a while. Code that holds its arrays
    elsewhere goes on in float32, which its gradients show.
    """
    if objective.dtype == np.float64:
        yield None
        return
    wide = {name: p.astype(np.float64) for name, p in base.items()}
    batch64 = tuple(_widened(a) for a in batch)
    with objective.rebound(wide):
        try:
            twin = objective_of(subject, batch64, set_params=set_params)
            twin.gradients()
            follows = twin.dtype == np.float64
        except (GradientMismatchError, TypeError):
            follows = False
        if follows:
            yield twin
            return
    yield None


def rounding_faults(
    objective: Objective, wide: Objective, report: GradientReport, *, rng: np.random.Generator
) -> GradientReport:
    """Return `report`, flagged where float32 gradients are further off than rounding explains.

    A sum of n terms in float32 errs by about sqrt(n) u32 times the norm of its terms (Higham
    2002, section 4.2). What a rounding error of the terms does to each gradient is seen in
    float64, by relative changes of u32 in all parameters and inputs; n is the longest sum, over
    a layer's width or the batch. Terms that cancel whatever the parameters are don't show so; their
    size is that of the largest gradient of all.
    """
    exact = {name: g.copy() for name, g in wide.gradients().items()}
    spread = _spread(wide, exact, rng)
    narrow = {name: p.astype(np.float32) for name, p in wide.params.items()}
    with objective.rebound(narrow):
        single = {name: g.copy() for name, g in objective.gradients().items()}
    sizes = [n for a in [*wide.params.values(), *wide.inputs.values()] for n in a.shape]
    c = ROUNDINGS * float(np.sqrt(max(sizes, default=1)))
    u = float(np.finfo(np.float32).eps) / 2
    floor = u * max(float(np.abs(g).max()) for g in exact.values())
    floor += float(np.finfo(np.float32).tiny)
    faults = []
    for name, g in exact.items():
        bound = c * (spread[name] + u * np.abs(g) + floor)
        excess = np.abs(single[name] - g) / bound
        if not np.nanmax(excess) <= 1 or np.isnan(excess).any():
            at = np.unravel_index(int(np.argmax(np.nan_to_num(excess, nan=np.inf))), g.shape)
            analytic, numeric = float(single[name][at]), float(g[at])
            faults.append(Fault(entry(name, at), analytic, numeric, float(bound[at])))
    if not faults:
        return replace(report, dtype="float32")
    reason = "right in float64, but off in float32 by more than rounding explains"
    return replace(
        report,
        dtype="float32",
        outcome=Outcome.FLAGGED,
        reasons=(*report.reasons, reason),
        faults=tuple(faults),
    )


def _spread(wide: Objective, exact: Params, rng: np.random.Generator) -> dict[str, float]:
    """Return, by parameter, how far its gradient moves when all that it is made of is rounded.

    The largest change over the samples, so that a relu within rounding of its kink, whose float32
    gradient may fall on either side, is seen to do so.
    """
    # From 0 to 2 u32, as much in all as from -u32 to u32.
    u = float(np.finfo(np.float32).eps)
    arrays = {**wide.params, **{n: a for n, a in wide.inputs.items() if a.dtype.kind == "f"}}
    kept = {name: a.copy() for name, a in arrays.items()}
    spread = dict.fromkeys(exact, 0.0)
    try:
        for _ in range(SAMPLES):
            for name, a in arrays.items():
                # Towards zero only: a target of 1 has no neighbour above that is one.
                a[...] = kept[name] * (1 - u * rng.uniform(0, 1, a.shape))
            wide.moved()
            try:
                rounded = wide.gradients()
            except ValueError:
                # A one-hot row has no neighbours at all.
                arrays["y"][...] = kept["y"]
                rounded = wide.gradients()
            for name, g in rounded.items():
                spread[name] = max(spread[name], float(np.abs(g - exact[name]).max()))
    finally:
        for name, a in arrays.items():
            a[...] = kept[name]
        wide.moved()
    return spread


def _widened(a: Any) -> Any:
    if isinstance(a, np.ndarray) and a.dtype.kind == "f":
        wide: Array = a.astype(np.float64)
        return wide
    return a
