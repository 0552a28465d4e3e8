"""The history of a training, as a table."""

from __future__ import annotations

from rich.table import Table

from reference_mlp import Epoch


def history_table(history: list[Epoch], *, stage: str = "epoch", judged_on: str = "test") -> Table:
    """Return losses, accuracy and seconds by epoch as a table."""
    table = Table(box=None, padding=(0, 1))
    for column in (stage, "training loss", f"{judged_on} loss", f"{judged_on} accuracy", "seconds"):
        table.add_column(column, justify="right")
    for epoch in history:
        scored = epoch.validation
        assert scored is not None  # noqa: S101
        numbers = (epoch.loss, scored.loss, scored.accuracy)
        table.add_row(str(epoch.number), *(f"{v:.4f}" for v in numbers), f"{epoch.seconds:.2f}")
    return table
