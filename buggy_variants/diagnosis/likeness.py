"""What wrong gradients look like where no known bug gives them: a factor, a sign, zeros, a turn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from buggy_variants.diagnosis.compare import Sheet, alike
from reference_mlp._arrays import Array


def likenesses(
    given: Mapping[str, Sheet], right: Mapping[str, Sheet], *, tolerance: float
) -> Iterator[str]:
    """Yield a sentence for each wrong gradient at usual parameters that looks like something."""
    if "networks" not in given or "networks" not in right:
        return
    ours, theirs = given["networks"], right["networks"]
    for key, a in ours.answers.items():
        if "at usual parameters: gradients/" not in key or alike(
            key, ours, theirs, tolerance=tolerance
        ):
            continue
        b = theirs.answers.get(key)
        if isinstance(a, str) or b is None or isinstance(b, str) or key.endswith("/shape"):
            continue
        if text := _likeness(a, b, tolerance):
            yield f"{key.rpartition('/')[2]}, counted from the input: {text}"


def _likeness(a: Array, b: Array, tolerance: float) -> str | None:
    if a.shape != b.shape:
        turned = a.shape == b.shape[::-1] and _close(a.T, b, tolerance)
        return "transposed" if turned else f"of shape {a.shape}, expected {b.shape}"
    if not np.isfinite(a).all() or not a.any():
        return "all zeros" if not a.any() else "not finite"
    if a.ndim == 2 and a.shape[0] == a.shape[1] and _close(a.T, b, tolerance):
        return "transposed"
    ratio = float(np.vdot(b, a) / np.vdot(b, b)) if b.any() else 0.0
    return f"{ratio:.6g} times what it should be" if _close(a, ratio * b, tolerance) else None


def _close(a: Array, b: Array, tolerance: float) -> bool:
    return bool(np.abs(a - b).max() <= tolerance * np.abs(b).max())
