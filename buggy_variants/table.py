"""The matrix as people read it: a sign a cell, a legend, and what is wrong in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from buggy_variants.catalog import catalog
from buggy_variants.matrix import REFERENCE, Cell
from reference_mlp.testing import CHECKS, Outcome

# A sign as well as a colour: what is as declared is small, what is not is a capital.
_AS_DECLARED = {
    Outcome.PASSED: (".", "dim"),
    Outcome.FLAGGED: ("x", "bold yellow"),
    Outcome.CRASHED: ("c", "bold yellow"),
    Outcome.INCONCLUSIVE: ("i", "bold yellow"),
    Outcome.NOT_APPLICABLE: ("-", "dim"),
}
_OTHERWISE = {
    Outcome.PASSED: "M",
    Outcome.FLAGGED: "F",
    Outcome.CRASHED: "C",
    Outcome.TIMED_OUT: "T",
    Outcome.INCONCLUSIVE: "I",
    Outcome.NOT_APPLICABLE: "N",
}
LEGEND = """\
as declared: . passed  x flagged  c crashed  i inconclusive  - not applicable
otherwise:   M missed  F flagged  C crashed  N not applicable  T timed out
             I inconclusive
blank: the check reads no part that the bug replaces"""
_LISTED = """\
Beside each variant the checks that flag it, and passed of those that read the part it replaces.
(CNV) crashes, or can't settle it, as declared; FD! is not as declared."""
_NAME_WIDTH = 34


def sign(cell: Cell) -> Text:
    """Return the sign of a cell: one character, coloured."""
    if cell.good:
        return Text(*_AS_DECLARED[cell.outcome])
    return Text(_OTHERWISE[cell.outcome], "bold white on red")


def matrix_view(cells: Sequence[Cell], *, width: int = 80) -> RenderableType:
    """Return the matrix of `cells` for a terminal of `width` columns, with legend and verdict.

    Where its columns don't fit, each variant is listed with the checks that flag it.
    """
    checks = [name for name in CHECKS if any(cell.check == name for cell in cells)]
    rows: dict[str, list[Cell]] = {}
    for cell in cells:
        rows.setdefault(cell.variant, []).append(cell)
    fits = _NAME_WIDTH + len(checks) <= width
    body = _grid(rows, checks, width) if fits else _listing(rows)
    legend = Text(f"{LEGEND if fits else _LISTED}\n\n", "dim").append_text(_codes(checks, width))
    return Group(*body, Text(), legend, Text(), *_wrong(cells), verdict(cells))


def _grid(
    rows: Mapping[str, Sequence[Cell]], checks: Sequence[str], width: int
) -> Iterator[RenderableType]:
    gap = " " if _NAME_WIDTH + 2 * len(checks) <= width else ""
    yield from _header([CHECKS[name].code for name in checks], gap)
    for variant, row in rows.items():
        line = Text(_name(variant)[: _NAME_WIDTH - 1].ljust(_NAME_WIDTH))
        by_check = {cell.check: cell for cell in row}
        signs = (sign(by_check[c]) if c in by_check else Text(" ") for c in checks)
        line.append_text(Text(gap).join(signs))
        yield line


def _listing(rows: Mapping[str, Sequence[Cell]]) -> Iterator[RenderableType]:
    table = Table(box=None, padding=(0, 1, 0, 0), show_header=False)
    table.add_column(width=_NAME_WIDTH - 1, no_wrap=True)
    table.add_column()
    table.add_column(justify="right", no_wrap=True)
    for variant, row in rows.items():
        found = [_listed(cell) for cell in row if cell.declared or not cell.good]
        passed = sum(cell.good and cell.outcome is Outcome.PASSED for cell in row)
        table.add_row(_name(variant), Text(" ").join(found), Text(str(passed), "dim"))
    yield table


def _listed(cell: Cell) -> Text:
    code = CHECKS[cell.check].code
    if not cell.good:
        return Text(f"{code}!", "bold white on red")
    return Text(code if cell.outcome is Outcome.FLAGGED else f"({code})", "bold yellow")


def verdict(cells: Sequence[Cell]) -> Text:
    """Return one line that says whether every cell is as declared."""
    bad = sum(not cell.good for cell in cells)
    variants = {cell.variant for cell in cells} - {REFERENCE}
    n_checks = len({cell.check for cell in cells})
    size = f"{_counted(len(variants), 'variant')} x {_counted(n_checks, 'check')}"
    if bad:
        return Text(f"{size}: {_counted(bad, 'cell')} not as declared", "bold red")
    clean = "; the reference is clean" if any(c.variant == REFERENCE for c in cells) else ""
    return Text(f"{size}: each fails exactly what it declares{clean}", "bold green")


def _counted(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _header(codes: Iterable[str], gap: str) -> list[Text]:
    codes = list(codes)
    height = max(map(len, codes), default=0)
    return [
        Text(" " * _NAME_WIDTH + gap.join(code.ljust(height)[i] for code in codes), "bold")
        for i in range(height)
    ]


def _codes(checks: Sequence[str], width: int) -> Text:
    """Return the checks by code, in as many columns as fit."""
    cells = [f"{CHECKS[name].code:4}{name}" for name in checks]
    column = max(map(len, cells), default=0) + 2
    n = max(1, width // column)
    rows = (cells[i : i + n] for i in range(0, len(cells), n))
    return Text("\n".join("".join(c.ljust(column) for c in row).rstrip() for row in rows), "dim")


def _name(variant: str) -> str:
    if variant == REFERENCE:
        return variant
    return f"{variant} {catalog()[variant].slug.replace('_', ' ')}"


def _wrong(cells: Iterable[Cell]) -> list[Text]:
    return [
        Text.assemble(
            (f"{cell.variant} {cell.check}", "bold red"),
            f" is {cell.outcome}, declared {cell.expected}: {cell.message}",
        )
        for cell in cells
        if not cell.good
    ]


def print_matrix(console: Console, cells: Sequence[Cell]) -> None:
    """Print the matrix at the width of `console`."""
    console.print(matrix_view(cells, width=console.width), highlight=False)
