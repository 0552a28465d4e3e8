"""Pictures of errors in ULPs against the input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from reference_mlp.testing.stability.measure import Measurement


def plot_errors(measurements: Sequence[Measurement]) -> Any:
    """Return a matplotlib figure: the error of each result against z, or a row's largest |z|.

    The upper edge of a panel stands for results of which no digit is right, a line for half an
    ULP, the error of a correct rounding. Raises ImportError without matplotlib.
    """
    # Here, not above: it takes longer to import than the rest, and is an optional dependency.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.2 * len(measurements), 3.4), layout="constrained")
    axes = figure.subplots(1, len(measurements), squeeze=False)[0]
    for ax, m in zip(axes, measurements, strict=True):
        # The panel ends at 10,000, and what lies beyond is drawn on its edge.
        z = np.clip(m.arguments[0].astype(np.float64), -1e4, 1e4)
        error = m.ulps
        if z.ndim == 2:
            # Of a row the largest error, at the size of the row's largest logit.
            z, error = np.abs(z).max(axis=1), error.reshape(len(z), -1).max(axis=1)
        top = 1 / float(np.finfo(m.dtype).eps)
        some_right = error < top
        ax.plot(z[some_right], np.maximum(error[some_right], 1e-2), ".", markersize=2, color="C0")
        ax.plot(z[~some_right], np.full(int((~some_right).sum()), top), "x", color="C3")
        ax.axhline(0.5, linewidth=0.8, color="0.4")
        ax.set_xscale("symlog", linthresh=1e-3)
        ticks = [-1e4, -1e2, -1, 0, 1, 1e2, 1e4] if z.min() < 0 else [0, 1e-2, 1, 1e2, 1e4]
        ax.set_xticks(ticks)
        ax.set_xlim(ticks[0], ticks[-1])
        ax.set_yscale("log")
        ax.set_ylim(1e-2, top * 3)
        ax.set_title(f"{m.subject.name}, {m.dtype.name}")
        ax.set_xlabel("z" if m.arguments[0].ndim == 1 else "largest |z| of the row")
        ax.set_ylabel("error / ULP")
    return figure
