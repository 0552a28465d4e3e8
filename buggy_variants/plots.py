"""Pictures of training; matplotlib is an extra, imported when one is drawn."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from reference_mlp import Epoch


def require_matplotlib() -> None:
    """Raise ModuleNotFoundError, which says what to install, where matplotlib is missing."""
    if find_spec("matplotlib") is None:
        msg = "pictures need matplotlib: pip install 'gradbugs[plots]'"
        raise ModuleNotFoundError(msg)


def save_learning_curve(path: Path, history: list[Epoch]) -> None:
    """Draw losses and test accuracy by epoch into the file `path`, in the format of its suffix."""
    require_matplotlib()
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    epochs = [epoch.number for epoch in history]
    scored = [epoch.validation for epoch in history if epoch.validation is not None]
    figure = Figure(figsize=(9, 3.5), layout="constrained")
    losses, accuracies = figure.subplots(1, 2)
    losses.plot(epochs, [epoch.loss for epoch in history], "o-", label="training")
    losses.plot(epochs, [s.loss for s in scored], "s--", label="test")
    losses.set(xlabel="epoch", ylabel="mean loss", ylim=(0, None))
    losses.legend(frameon=False)
    accuracies.plot(epochs, [s.accuracy for s in scored], "s--", color="C1")
    accuracies.set(xlabel="epoch", ylabel="test accuracy")
    for axes in (losses, accuracies):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=150)
