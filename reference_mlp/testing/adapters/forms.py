"""The forms that a batch takes in other people's code, and back again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reference_mlp._arrays import Array


@dataclass(frozen=True)
class Form:
    """How code takes a batch of inputs (N, D) with its targets, and how it returns outputs.

    `give` turns inputs, or targets with outputs, into what the code takes; `take` turns what it
    returns into (N, K). Where `single`, both are of one sample: (D,) and (K,).
    """

    give: Callable[[Array], Array]
    take: Callable[[Array], Array]
    single: bool = False

    def inputs(self, X: Array) -> list[Array]:
        """Return what the code is called with: the batch, or its samples one by one."""
        return [self.give(x) for x in X] if self.single else [self.give(X)]

    def batches(self, X: Array, y: Array) -> Iterator[tuple[Array, Any]]:
        """Yield what the code is called with, inputs and targets; labels stay as they are."""
        if not self.single:
            yield self.give(X), self.give(y) if y.ndim == 2 else y
            return
        for x, target in zip(X, y, strict=True):
            yield self.give(x), self.give(target) if np.ndim(target) else target

    def outputs(self, returned: Sequence[Any]) -> Array:
        """Return what the code returned, call by call, as (N, K)."""
        if self.single:
            return np.stack([np.ravel(out) for out in returned])
        return self.take(np.asarray(returned[0]))


def _last_dropped(out: Array) -> Array:
    return out[..., 0] if out.ndim == 3 and out.shape[-1] == 1 else out


FORMS: Mapping[str, Form] = {
    "rows": Form(lambda a: a, lambda out: out),
    "columns": Form(lambda a: a.T, lambda out: out.T),
    "stack of columns": Form(lambda a: a[..., None], _last_dropped),
    "one": Form(lambda a: a, np.ravel, single=True),
    "one column": Form(lambda a: a[:, None], np.ravel, single=True),
}
"""Forms by name: a batch (N, D) or (D, N) or (N, D, 1), and one sample (D,) or (D, 1)."""


def form_of(name: str) -> Form:
    """Return a form by its name. Raises ValueError for an unknown one, with those there are."""
    if name not in FORMS:
        msg = f"samples is {name!r}, expected one of {list(FORMS)}"
        raise ValueError(msg)
    return FORMS[name]
