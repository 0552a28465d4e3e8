"""`gradbugs explain`: one bug's story, code, difference, and who catches it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markdown import Markdown
from rich.rule import Rule
from rich.syntax import Syntax
from rich.table import Table

from buggy_variants.catalog import Entry, family_title, find
from buggy_variants.checkers import caught, is_checker
from buggy_variants.cli import arguments
from buggy_variants.error_plots import error_curves, save_error_plot
from buggy_variants.formulas import in_letters
from buggy_variants.learning_curves import learning_curves, save_learning_curves
from buggy_variants.matrix import Cell, run_row
from buggy_variants.source import buggy_code, diff
from buggy_variants.table import sign, verdict
from buggy_variants.thresholds import DTYPES, Threshold, thresholds
from reference_mlp.testing import CHECKS, Outcome


def add_to(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("explain", help="explain one bug, with measured numbers")
    parser.add_argument(
        "variant", type=arguments.bug, metavar="ID", help="an id like GB016, or a slug"
    )
    parser.add_argument(
        "--plot",
        type=arguments.writable,
        metavar="PATH",
        help="draw the errors of an unstable function, or else a learning curve, beside the "
        "reference's, in a file",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the entry and its row of the matrix, measured now; return 1 if it isn't as declared."""
    entry = find(args.variant)
    console = Console()
    drawn = "" if args.plot is None else _plot(args.plot, entry)
    console.print(Rule(f"{entry.id}  {entry.title}"))
    console.print(f"{family_title(entry.family)}; {entry.bug.severity}", highlight=False)
    console.print()
    console.print(_prose(entry.prose, console))
    for title, text in facts(entry):
        console.print()
        console.print(f"[bold]{title}[/bold]")
        console.print(_prose(text, console))
    console.print(Rule("the code"))
    console.print(Syntax(buggy_code(entry), "python", background_color="default", word_wrap=True))
    console.print(Rule("against the reference"))
    console.print(Syntax(diff(entry), "diff", background_color="default", word_wrap=True))
    with console.status("measuring"):
        found = thresholds(entry)
        # What asks for somebody's own network has nothing to say here.
        row = run_row(entry.id, list(CHECKS))
        cells = [c for c in row if not (c.good and c.outcome is Outcome.NOT_APPLICABLE)]
    if found:
        console.print(Rule("where it first goes wrong, as t rises"))
        console.print(_thresholds_table(found))
    if is_checker(entry):
        with console.status("checking the catalog"):
            of_catalog = str(caught(entry.bug.replaces["gradient_checker"]))
        console.print(Rule("what it catches"))
        console.print(of_catalog, highlight=False)
    console.print(Rule("who flags it"))
    console.print(_table(cells))
    if cheapest := smallest(cells):
        console.print(f"the cheapest that does: {cheapest}", highlight=False)
    console.print(verdict(cells))
    if drawn:
        console.print(drawn, highlight=False, soft_wrap=True, markup=False)
    return 0 if all(cell.good for cell in cells) else 1


def _prose(markdown: str, console: Console) -> Markdown:
    # A terminal of few letters gets the formulas as they are written.
    return Markdown(markdown if console.options.ascii_only else in_letters(markdown))


def _plot(path: Path, entry: Entry) -> str:
    """Draw before anything is printed, as it may be impossible; return what was drawn where."""
    try:
        if found := thresholds(entry):
            save_error_plot(path, error_curves(entry, found))
            return f"the errors are drawn in {path}"
        if curves := learning_curves(entry):
            save_learning_curves(path, curves)
            return f"drawn in {path}: {curves.training}"
    except (ValueError, OSError, ModuleNotFoundError) as error:
        raise arguments.CannotRunError(str(error)) from error
    msg = (
        f"there is nothing to draw of {entry.id}: no errors of a function that rise along a path, "
        "and no learning curve that differs from the reference's"
    )
    raise arguments.CannotRunError(msg)


def facts(entry: Entry) -> list[tuple[str, str]]:
    """Return what the entry says of itself, as titles and Markdown."""
    bug = entry.bug
    rows = [
        ("Right", bug.right),
        ("As implemented", bug.wrong),
        ("What one sees", bug.symptom),
        ("What it takes", bug.preconditions),
        ("Why the usual check passes", bug.why_missed),
        ("The fix", bug.fix),
        ("Where it was met", "; ".join(bug.origin)),
    ]
    if bug.also:
        rows.append(("Also recognised", f"{bug.other_forms}."))
    if bug.context:
        rows.append((bug.status.capitalize(), bug.context))
    if bug.related:
        rows.append(("See also", ", ".join(bug.related)))
    return rows


def smallest(cells: list[Cell]) -> str | None:
    """Return the check that flags at the least cost, None where there is none."""
    flagging = [cell for cell in cells if cell.outcome is Outcome.FLAGGED]
    return min(flagging, key=lambda cell: cell.seconds).check if flagging else None


def _thresholds_table(found: list[Threshold]) -> Table:
    table = Table("function", "path", *DTYPES, box=None, padding=(0, 1))
    for threshold in found:
        table.add_row(*threshold.cells)
    return table


def _table(cells: list[Cell]) -> Table:
    table = Table(box=None, padding=(0, 1))
    for column in ("", "check", "measured", "threshold", "what was found"):
        table.add_column(column, justify="right" if column in {"measured", "threshold"} else "left")
    for cell in cells:
        numbers = [f"{v:.3g}" if v is not None else "" for v in (cell.measured, cell.threshold)]
        table.add_row(sign(cell), cell.check, *numbers, cell.message if cell.declared else "")
    return table
