"""The matrix as people read it: a sign a cell, a legend, and what is wrong in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console, Group, RenderableType
from rich.text import Text

from buggy_variants.catalog import catalog
from buggy_variants.matrix import REFERENCE, Cell
from reference_mlp.testing import CHECKS, Outcome

# A sign as well as a colour: what is as declared is small, what is not is a capital.
_AS_DECLARED = {
    Outcome.PASSED: (".", "dim"),
    Outcome.FLAGGED: ("x", "bold yellow"),
    Outcome.CRASHED: ("c", "bold yellow"),
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
as declared: . passed  x flagged  c crashed  - not applicable
otherwise:   M missed  F flagged  C crashed  N not applicable  T timed out
             I inconclusive
blank: the check reads no part that the bug replaces"""
_NAME_WIDTHS = (22, 34)


def sign(cell: Cell) -> Text:
    """Return the sign of a cell: one character, coloured."""
    if cell.good:
        return Text(*_AS_DECLARED[cell.outcome])
    return Text(_OTHERWISE[cell.outcome], "bold white on red")


def matrix_view(cells: Sequence[Cell], *, width: int = 80) -> RenderableType:
    """Return the matrix of `cells` for a terminal of `width` columns, with legend and verdict."""
    checks = [name for name in CHECKS if any(cell.check == name for cell in cells)]
    variants = list(dict.fromkeys(cell.variant for cell in cells))
    by_place = {(cell.variant, cell.check): cell for cell in cells}
    narrowest, widest = _NAME_WIDTHS
    gap = " " if widest + 2 * len(checks) <= width else ""
    names = widest if gap else max(narrowest, min(widest, width - len(checks)))
    lines = [*_header([CHECKS[name].code for name in checks], gap, indent=names)]
    for variant in variants:
        line = Text(_name(variant)[: names - 1].ljust(names))
        row = [by_place.get((variant, check)) for check in checks]
        line.append_text(Text(gap).join(sign(c) if c else Text(" ") for c in row))
        lines.append(line)
    legend = Text(f"{LEGEND}\n\n", "dim").append_text(_codes(checks, width))
    return Group(*lines, Text(), legend, Text(), *_wrong(cells), verdict(cells))


def verdict(cells: Sequence[Cell]) -> Text:
    """Return one line that says whether every cell is as declared."""
    bad = sum(not cell.good for cell in cells)
    variants = {cell.variant for cell in cells} - {REFERENCE}
    size = f"{len(variants)} variants x {len({cell.check for cell in cells})} checks"
    if bad:
        return Text(f"{size}: {bad} cells are not as declared", "bold red")
    clean = "; the reference is clean" if any(c.variant == REFERENCE for c in cells) else ""
    return Text(f"{size}: each fails exactly what it declares{clean}", "bold green")


def _header(codes: Iterable[str], gap: str, *, indent: int) -> list[Text]:
    codes = list(codes)
    height = max(map(len, codes), default=0)
    return [
        Text(" " * indent + gap.join(code.ljust(height)[i] for code in codes), "bold")
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
