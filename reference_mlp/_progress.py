"""The bar that training shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reference_mlp.training import Epoch


@contextmanager
def progress_bar(epochs: int, *, shown: bool) -> Iterator[Callable[[Epoch], None]]:
    """Show how far training is, where `shown`; what is given is called with each epoch's entry."""
    if not shown:
        yield lambda _: None
        return
    # Here, not above: rich takes longer to import than the rest of the package.
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("training", total=epochs)

        def advance(epoch: Epoch) -> None:
            text = f"epoch {epoch.number}/{epochs}  loss {epoch.loss:.4f}"
            if epoch.validation is not None:
                text += f"  accuracy {epoch.validation.accuracy:.4f}"
            bar.update(task, advance=1, description=text)

        yield advance
