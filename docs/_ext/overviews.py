"""Pages over the whole catalog: the matrix with its numbers, a cover, and the notebooks' lines."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from buggy_variants.catalog import catalog
from buggy_variants.cover import minimal_cover
from buggy_variants.matrix import REFERENCE, Cell
from buggy_variants.origins import NOTEBOOKS, places
from buggy_variants.table import LEGEND, sign
from reference_mlp.testing import CHECKS, Outcome


def matrix_page(cells: Sequence[Cell]) -> list[str]:
    """Return the page of the matrix: a sign a cell, and its numbers where the pointer rests."""
    checks = [name for name in CHECKS if any(cell.check == name for cell in cells)]
    by_place = {(cell.variant, cell.check): cell for cell in cells}
    heads = "".join(
        f'<th><a href="checks.html#{name.replace("_", "-")}">{CHECKS[name].code}</a></th>'
        for name in checks
    )
    rows = []
    for variant in (REFERENCE, *catalog()):
        name = escape(variant)
        if variant != REFERENCE:
            title = escape(f"{variant}: {catalog()[variant].title}")
            name = f'<a href="{variant.lower()}.html" title="{title}">{title}</a>'
        signs = "".join(_sign(by_place.get((variant, check))) for check in checks)
        rows.append(f"<tr><th>{name}</th>{signs}</tr>")
    return [
        "# The matrix",
        "",
        "Each variant fails exactly what it declares, and the reference fails nothing: the suite",
        "fails otherwise. A bug is checked in the networks it is in, and by the checks that read",
        "the part it replaces. What a check misses is as instructive as what it flags. The number",
        "measured and its threshold show where the pointer rests;",
        "`gradbugs matrix --json PATH` writes them all.",
        "",
        '<div class="matrix"><table>',
        f"<thead><tr><th></th>{heads}</tr></thead>",
        "<tbody>",
        *rows,
        "</tbody></table></div>",
        "",
        "```text",
        LEGEND,
        "```",
    ]


def _sign(cell: Cell | None) -> str:
    if cell is None:
        return "<td></td>"
    numbers = cell.outcome.value
    if cell.measured is not None and cell.threshold is not None:
        numbers += f": {cell.measured:.3g}, threshold {cell.threshold:.3g}"
    quiet = cell.outcome in {Outcome.PASSED, Outcome.NOT_APPLICABLE}
    caught = "" if quiet else ' class="caught"'
    return f'<td{caught}><abbr title="{escape(numbers)}">{escape(sign(cell).plain)}</abbr></td>'


def cover_page() -> list[str]:
    """Return the page of the smallest cover, and of what each check adds to it."""
    flagged_by = {entry.id: entry.bug.caught_by for entry in catalog().values()}
    cover = minimal_cover(flagged_by)
    lines = [
        "# A smallest cover",
        "",
        f"{len(cover.checks)} checks flag all {len(flagged_by)} bugs, and no fewer do. In the",
        "order in which each adds most to those before it:",
        "",
        "| check | adds | bugs that none before it flags |",
        "|---|--:|---|",
    ]
    for check, bugs in zip(cover.checks, cover.added, strict=True):
        links = " ".join(f"[{bug}]({bug.lower()}.md)" for bug in bugs)
        lines.append(f"| [{check}](checks.md#{check.replace('_', '-')}) | {len(bugs)} | {links} |")
    return [*lines, "", "`gradbugs cover --given FD` says what it takes beside checks you have."]


def notebooks_page() -> list[str]:
    """Return the page that maps each defect of the five notebooks to its entry."""
    lines = [
        "# The five notebooks",
        "",
        "The catalog grew out of five notebooks that train perceptrons on MNIST. This is where",
        "each of their defects is described. A line may have several; a latent one waits.",
    ]
    for notebook in NOTEBOOKS:
        lines += ["", f"## Notebook {notebook}", "", "| line | bug | |", "|--:|---|---|"]
        for place in places():
            if place.notebook == notebook:
                entry = place.entry
                link = f"[{entry.id}: {entry.title}]({entry.id.lower()}.md)"
                lines.append(f"| {place.text} | {link} | {place.note} |")
    return lines
