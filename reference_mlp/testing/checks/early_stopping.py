"""Early stopping: when it stops, and which weights it restores."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from reference_mlp.testing.evidence import Evidence
from reference_mlp.testing.registry import Setting, check


@check("ESP")
def early_stopping_restores(
    at: Setting, early_stopping: Callable[[int], Any]
) -> Iterator[Evidence]:
    """It stops after `patience` epochs without a new lowest loss, and restores the best weights."""
    courses = {
        "a new low after a bad epoch": (3, [3.0, 2.0, 2.5, 1.0, 1.5, 1.2, 1.1]),
        "a patience of one epoch": (1, [2.0, 1.0, 1.5]),
        "two bad epochs, a low, two bad epochs": (3, [1.0, 1.5, 1.4, 0.9, 1.3, 1.2, 1.1]),
        "a loss that stays as it is": (2, [1.0, 1.0, 1.0]),
    }
    for name, (patience, losses) in courses.items():
        start = {"0.W": at.rng().normal(size=(3, 2)).astype(at.dtype), "0.b": np.ones(2, at.dtype)}
        params = {key: p.copy() for key, p in start.items()}
        live = dict(params)
        stopper = early_stopping(patience)
        stopped = len(losses) + 1
        for epoch, loss in enumerate(losses, start=1):
            for key, p in params.items():
                p[...] = start[key] + epoch
            if stopper.update(loss, params):
                stopped = epoch
                break
        where = f"{name}, patience {patience}"
        text = f"training stops after epoch {stopped}, expected {len(losses)}; losses {losses}"
        yield Evidence(float(stopped != len(losses)), 0.0, where, f"{text}; {where}")
        best = int(np.argmin(losses)) + 1
        for when in ("restored", "restored, trained on and restored again"):
            stopper.restore(params)
            off = sum(int((live[key] != start[key] + best).sum()) for key in live)
            text = f"{off} of 8 parameters are not those of epoch {best}, the best, when {when}"
            yield Evidence(float(off), 0.0, where, f"{text}; {where}")
            for p in live.values():
                p += 1
