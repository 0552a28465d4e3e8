"""The random numbers that all code shares: NumPy's and Python's global generators."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np


def numpy_state() -> tuple[Any, ...]:
    """Return the state of `np.random`, to be compared by ==: any draw changes it.

    >>> before = numpy_state()
    >>> with put_back():
    ...     drawn = random.random(), np.random.random()
    ...     before == numpy_state()
    False
    >>> before == numpy_state()
    True
    """
    # Legacy on purpose: it is what code that ignores its generator draws from.
    kind, keys, *rest = np.random.get_state()  # noqa: NPY002
    return kind, np.asarray(keys).tobytes(), *rest


def global_state() -> tuple[Any, ...]:
    """Return the states of NumPy's and Python's global generators, to be compared by ==."""
    return numpy_state(), random.getstate()


def drawn_from_since(before: tuple[Any, ...]) -> str:
    """Return whose generators were used since the `global_state` before, or "left alone".

    >>> before = global_state()
    >>> with put_back():
    ...     drawn = random.random()
    ...     drawn_from_since(before)
    "Python's"
    """
    changed = [old != new for old, new in zip(before, global_state(), strict=True)]
    used = [who for who, drawn in zip(("NumPy's", "Python's"), changed, strict=True) if drawn]
    return " and ".join(used) or "left alone"


@contextmanager
def put_back() -> Iterator[None]:
    """Leave the global generators as they were, whatever draws from them or seeds them inside.

    Those of NumPy and Python, and torch's where somebody has imported it.
    """
    torch = sys.modules.get("torch")
    of_numpy = np.random.get_state(legacy=False)  # noqa: NPY002
    of_python = random.getstate()
    of_torch = torch.get_rng_state() if torch else None
    try:
        yield
    finally:
        np.random.set_state(of_numpy)  # noqa: NPY002
        random.setstate(of_python)
        if torch:
            torch.set_rng_state(of_torch)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed the global generators, and put them back as they were afterwards."""
    with put_back():
        np.random.seed(seed)  # noqa: NPY002 - for code that draws from it
        random.seed(seed)
        if torch := sys.modules.get("torch"):
            # Where no device is in use, `torch.manual_seed` keeps a stack trace for each of them.
            (torch if torch.cuda.is_initialized() else torch.default_generator).manual_seed(seed)
        yield
