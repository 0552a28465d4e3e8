"""The random numbers that old code shares, the same at each call."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed the generators that old code shares, and put them back as they were.

    Those of NumPy and Python, and torch's where somebody has imported it.
    """
    torch = sys.modules.get("torch")
    before = np.random.get_state(), random.getstate()  # noqa: NPY002
    of_torch = torch.get_rng_state() if torch else None
    np.random.seed(seed)  # noqa: NPY002 - for code that draws from it
    random.seed(seed)
    if torch:
        torch.manual_seed(seed)
    try:
        yield
    finally:
        np.random.set_state(before[0])  # noqa: NPY002
        random.setstate(before[1])
        if torch:
            torch.set_rng_state(of_torch)
