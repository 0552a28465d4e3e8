"""Pictures of training; matplotlib is an extra, imported when one is drawn."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from reference_mlp import Epoch
from reference_mlp._arrays import Array

MISCLASSIFIED = 40
FIRST_WEIGHTS = 100
LIGHT = ("#303030", "#c03020", "#1f5fa8")
DARK = ("#d0d0d0", "#ff7f5f", "#6fb3ff")
"""Colours of text and axes, of the variant, and of the reference."""


def require_matplotlib() -> None:
    """Raise ModuleNotFoundError, which says what to install, where matplotlib is missing."""
    if find_spec("matplotlib") is None:
        msg = "pictures need matplotlib: pip install 'gradbugs[plots]'"
        raise ModuleNotFoundError(msg)


def save_themed(
    path: Path,
    draw: Callable[[Any, tuple[str, str, str]], object],
    *,
    size: tuple[float, float],
    salt: str,
    dark: bool = False,
) -> None:
    """Save the figure that `draw` fills in, of `size` in inches, in the format of `path`'s suffix.

    `draw` takes the figure and the colours of ink, variant and reference. `dark` is for pages with
    a dark background: the picture's own is transparent then. The same `salt`, the same SVG. Raises
    ModuleNotFoundError without matplotlib.
    """
    require_matplotlib()
    import matplotlib as mpl
    from matplotlib.figure import Figure

    colours = DARK if dark else LIGHT
    inked = ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color")
    # Letters that a phone shows at their size.
    style: Any = {"svg.hashsalt": salt, "font.size": 12} | dict.fromkeys(inked, colours[0])
    with mpl.rc_context(style):
        figure = Figure(figsize=size, layout="constrained")
        draw(figure, colours)
        metadata = {"Date": None} if path.suffix == ".svg" else None
        figure.savefig(path, dpi=150, transparent=dark, metadata=metadata)


def darkened(svg: str) -> str:
    """Return the text of a light picture of `save_themed` as that of the dark one.

    To draw it a second time takes as long as the first. The names inside the file stay those of
    the light one.

    >>> darkened('<path style="fill: #ffffff; stroke: #303030"/>')
    '<path style="fill: none; stroke: #d0d0d0"/>'
    """
    for light, dark in zip(LIGHT, DARK, strict=True):
        svg = svg.replace(light, dark)
    return svg.replace("fill: #ffffff", "fill: none")


def save_learning_curve(
    path: Path, history: list[Epoch], *, judged_on: str = "test", stage: str = "epoch"
) -> None:
    """Draw losses and accuracy by epoch into the file `path`, in the format of its suffix.

    `judged_on` and `stage` say what set the accuracy is of, and what an entry of `history` is.
    """
    require_matplotlib()
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    epochs = [epoch.number for epoch in history]
    scored = [epoch.validation for epoch in history if epoch.validation is not None]
    figure = Figure(figsize=(9, 3.5), layout="constrained")
    losses, accuracies = figure.subplots(1, 2)
    losses.plot(epochs, [epoch.loss for epoch in history], "o-", label="training")
    losses.plot(epochs, [s.loss for s in scored], "s--", label=judged_on)
    losses.set(xlabel=stage, ylabel="mean loss", ylim=(0, None))
    losses.legend(frameon=False)
    accuracies.plot(epochs, [s.accuracy for s in scored], "s--", color="C1")
    accuracies.set(xlabel=stage, ylabel=f"{judged_on} accuracy")
    for axes in (losses, accuracies):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=150)


def save_misclassified(path: Path, X: Array, y: Array, scores: Array) -> int:
    """Draw digits that `scores` (N, K) get wrong into the file `path`, and return how many are.

    `X` is (N, 784) and `y` their labels (N,). The MISCLASSIFIED that were got most wrong are
    drawn, by how far the largest score is above the label's, each with what it is and was taken
    for.
    """
    require_matplotlib()
    from matplotlib.figure import Figure

    rows = np.arange(len(y))
    taken_for = scores.argmax(axis=1)
    margin = scores[rows, taken_for] - scores[rows, y]
    wrong = np.flatnonzero(taken_for != y)
    worst = wrong[np.argsort(-margin[wrong], kind="stable")][:MISCLASSIFIED]
    figure = Figure(figsize=(8, 6), layout="constrained")
    axes = figure.subplots()
    axes.set_title(f"{len(wrong)} of {len(y)} digits are misclassified")
    axes.set_axis_off()
    if len(worst):
        # Space above each for its caption.
        picture, corners = _mosaic(X[worst], columns=8, gap=10)
        axes.imshow(picture, cmap="gray_r", vmin=0, vmax=1)
        for i, (row, column) in zip(worst, corners, strict=True):
            axes.text(column, row - 2, f"{y[i]} as {taken_for[i]}", fontsize=8)
    figure.savefig(path, dpi=150)
    return len(wrong)


def save_first_weights(path: Path, W: Array) -> None:
    """Draw the weights (784, n) from the pixels to each unit into the file `path`.

    One image a unit, the first FIRST_WEIGHTS of them, blue below zero and red above, on one scale
    for all: the 99th percentile of their sizes, as single weights at the rim may be much larger.
    """
    require_matplotlib()
    from matplotlib.figure import Figure

    columns = W.T[:FIRST_WEIGHTS]
    scale = float(np.percentile(np.abs(W), 99)) or 1.0
    picture, _ = _mosaic(columns, columns=int(np.ceil(np.sqrt(len(columns)))), gap=2)
    figure = Figure(figsize=(7, 7), layout="constrained")
    axes = figure.subplots()
    axes.set_axis_off()
    axes.imshow(picture, cmap="RdBu_r", vmin=-scale, vmax=scale)
    figure.savefig(path, dpi=150)


def _mosaic(images: Array, *, columns: int, gap: int) -> tuple[Array, list[tuple[int, int]]]:
    """Return rows (N, 784) as one picture, `columns` beside each other, and their corners.

    One picture, as that many axes take matplotlib seconds.
    """
    step = 28 + gap
    picture = np.zeros((-(-len(images) // columns) * step, columns * step))
    corners = [(gap + i // columns * step, i % columns * step) for i in range(len(images))]
    for image, (row, column) in zip(images, corners, strict=True):
        picture[row : row + 28, column : column + 28] = image.reshape(28, 28)
    return picture, corners
