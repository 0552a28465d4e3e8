"""Pictures of where an unstable variant goes wrong, beside the reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from buggy_variants.catalog import Entry
from buggy_variants.plots import save_themed
from buggy_variants.thresholds import DTYPES, Threshold
from reference_mlp._arrays import Array
from reference_mlp.testing import Implementation, assemble
from reference_mlp.testing.stability import SUBJECTS, errors_along, functions_of, paths_of

POINTS = 400
LEAST = 0.1
"""Smaller errors, and none at all, are drawn here."""


@dataclass(frozen=True)
class ErrorCurves:
    """The errors of a variant and of the reference, in ULPs of a dtype, at each t of a path.

    `t`, `variant` and `reference` have shape (n,); from `first` on the variant is wrong.
    """

    bug: str
    function: str
    path: str
    first: float
    t: Array
    variant: Array
    reference: Array


def error_curves(entry: Entry, found: Sequence[Threshold]) -> ErrorCurves:
    """Return the errors of the first function of `found`, the `thresholds` of `entry`.

    They are those of the widest precision in which it goes wrong, from t = 0 to half as far again
    as the place where it does. Raises ValueError where nothing goes wrong.

    >>> from buggy_variants.catalog import find
    >>> from buggy_variants.thresholds import Threshold
    >>> threshold = Threshold("cross_entropy", "z = (0, t, 0), y = 0", (None, 36.3, None))
    >>> curves = error_curves(find("GB005"), [threshold])
    >>> bool(curves.variant.max() > 8 > curves.reference.max())
    True
    """
    if not found:
        msg = f"{entry.id} has no function whose errors rise along a path: there is nothing to draw"
        raise ValueError(msg)
    threshold = found[0]
    first, dtype = [
        (t, dtype) for t, dtype in zip(threshold.first, DTYPES, strict=True) if t is not None
    ][-1]
    t = _places(first, np.dtype(dtype))
    errors = (_errors(part, threshold, t) for part in (entry.implementation, assemble()))
    return ErrorCurves(entry.id, threshold.function, threshold.path, first, t, *errors)


def save_error_plot(path: Path, curves: ErrorCurves, *, dark: bool = False) -> None:
    """Draw the errors into the file `path`, as `save_themed` does."""

    def draw(figure: Any, colours: Sequence[str]) -> None:
        _draw(figure.subplots(), curves, colours)

    save_themed(path, draw, size=(5, 3.8), salt=curves.bug, dark=dark)


def _draw(axes: Any, curves: ErrorCurves, colours: Sequence[str]) -> None:
    ink, *others = colours
    dtype = curves.t.dtype
    top = 1 / float(np.finfo(dtype).eps)
    for name, error, colour in zip(
        (curves.bug, "reference"), (curves.variant, curves.reference), others, strict=True
    ):
        axes.plot(curves.t, np.clip(error, LEAST, top), label=name, color=colour, linewidth=1.2)
    if _far_below_one(curves.first):
        axes.set_xscale("log")
        axes.set_xlim(curves.t[0], curves.t[-1])
    else:
        axes.axvline(curves.first, color=ink, linewidth=0.8, linestyle="--")
    number = np.format_float_scientific if _far_below_one(curves.first) else _positional
    axes.annotate(
        f"wrong from t = {number(curves.first, precision=3)}",
        (0.95, 0.85) if _far_below_one(curves.first) else (0.64, 0.66),
        xycoords="axes fraction",
        ha="right",
    )
    axes.set_yscale("log", nonpositive="clip")
    axes.set_ylim(LEAST / 1.6, top * 6)
    powers = [10.0**k for k in range(3, int(np.log10(top)), 3)]
    texts = [f"$10^{{{np.log10(power):.0f}}}$" for power in powers]
    axes.set_yticks([LEAST, 1, *powers, top], ["less", "1", *texts, "no digit\nis right"])
    axes.minorticks_off()
    axes.set_xlabel(f"t, in {curves.path}")
    axes.set_ylabel(f"error in ULPs of {dtype.name}")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(
        title=curves.function.replace("_", " "),
        frameon=False,
        ncols=2,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        borderaxespad=0,
    )


def _positional(t: float, precision: int) -> str:
    return f"{t:.{precision}f}"


def _far_below_one(first: float) -> bool:
    return 0 < first < 1e-3


def _places(first: float, dtype: np.dtype[Any]) -> Array:
    """Return numbers t up to beyond `first`, with it and the number before it among them."""
    if _far_below_one(first):
        return np.geomspace(1e-20, 1e3, POINTS).astype(dtype)
    even = np.linspace(0, 1.5 * first or 1.0, POINTS).astype(dtype)
    edge = np.array([first], dtype)
    return np.unique(np.concatenate([even, np.nextafter(edge, -edge), edge]))


def _errors(implementation: Implementation, threshold: Threshold, t: Array) -> Array:
    function = dict(functions_of(implementation))[threshold.function]
    path = {path.text: path for path in paths_of(SUBJECTS[threshold.function])}[threshold.path]
    return errors_along(function, threshold.function, path, t)
