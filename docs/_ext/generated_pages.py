"""Pages made from the catalog and the checks: one a bug, the matrix, the list of checks."""

from __future__ import annotations

import inspect
import multiprocessing
import re
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import repeat
from pathlib import Path

from overviews import cover_page, matrix_page, notebooks_page
from sphinx.application import Sphinx
from sphinx.util import logging
from threadpoolctl import threadpool_limits

from buggy_variants.catalog import Entry, catalog, family_title
from buggy_variants.checkers import caught, is_checker
from buggy_variants.cli.arguments import all_cores
from buggy_variants.cli.explain import facts, smallest
from buggy_variants.error_plots import error_curves, save_error_plot
from buggy_variants.learning_curves import Curves, learning_curves, save_learning_curves
from buggy_variants.matrix import Cell, read_json, run_matrix
from buggy_variants.plots import darkened
from buggy_variants.source import buggy_code, diff
from buggy_variants.thresholds import DTYPES, Threshold, thresholds
from reference_mlp.testing import CHECKS, Outcome

_log = logging.getLogger(__name__)

MODES = ("light", "dark")
"""The theme shows each picture in one of them, by its class."""


def setup(app: Sphinx) -> dict[str, bool]:
    # The matrix as `pytest --matrix-json` wrote it; it is measured where there is none.
    app.add_config_value("gradbugs_matrix", "", "env")
    app.connect("builder-inited", write_pages)
    return {"parallel_read_safe": True}


def write_pages(app: Sphinx) -> None:
    """Write every page that the matrix goes into, from one run of it."""
    folder = Path(app.srcdir) / "generated"
    if recorded := app.config.gradbugs_matrix:
        cells = read_json(Path(recorded))
    else:
        _log.info("running the matrix for the catalog's pages")
        cells = run_matrix(jobs=all_cores())
    _write_bug_pages(folder, cells, jobs=app.parallel)
    _write(folder / "catalog.md", _catalog_page())
    _write(folder / "matrix.md", matrix_page(cells))
    _write(folder / "cover.md", cover_page())
    _write(folder / "notebooks.md", notebooks_page())
    _write(folder / "checks.md", _checks_page(cells))


def _write_bug_pages(folder: Path, cells: list[Cell], *, jobs: int) -> None:
    """Write the bugs' pages and pictures, in as many processes as Sphinx was given by `-j`."""
    rows: dict[str, list[Cell]] = {bug: [] for bug in catalog()}
    for cell in cells:
        if cell.variant in rows:
            rows[cell.variant].append(cell)
    arguments = repeat(folder), rows, rows.values()
    if jobs == 1:
        list(map(_write_bug_page, *arguments))
        return
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        list(pool.map(_write_bug_page, *arguments))


# Products this small take several times as long on the threads that another process is using too.
@threadpool_limits.wrap(limits=1)
def _write_bug_page(folder: Path, bug: str, row: list[Cell]) -> None:
    entry = catalog()[bug]
    found = thresholds(entry)
    trained = learning_curves(entry)
    _write(folder / f"{bug.lower()}.md", _bug_page(entry, row, found, trained))
    if found:
        _draw(folder, entry, "errors", partial(save_error_plot, curves=error_curves(entry, found)))
    if trained:
        _draw(folder, entry, "training", partial(save_learning_curves, curves=trained))


def _draw(folder: Path, entry: Entry, kind: str, save: Callable[[Path], None]) -> None:
    light, dark = (folder / _picture(entry, kind, mode) for mode in MODES)
    save(light)
    dark.write_text(darkened(light.read_text(encoding="utf-8")), encoding="utf-8")


def _write(path: Path, lines: Iterable[str]) -> None:
    """Write only what is new, so that Sphinx reads again only what has changed."""
    text = "\n".join(lines) + "\n"
    path.parent.mkdir(exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def _bug_page(
    entry: Entry, row: list[Cell], found: list[Threshold], trained: Curves | None
) -> list[str]:
    lines = [
        f"# {entry.id}: {entry.title}",
        "",
        f"*{family_title(entry.family)}; {entry.bug.severity}.*",
        "",
        entry.prose,
        "",
    ]
    for title, text in facts(entry):
        lines += [title, f": {_linked(text) if title == 'See also' else text}", ""]
    lines += ["## The code", "", "```python", buggy_code(entry), "```", ""]
    lines += ["## Against the reference", "", "```diff", diff(entry), "```", ""]
    if found:
        lines += ["## Where it first goes wrong, as t rises", "", *_thresholds_table(found), ""]
        what = f"{found[0].function.replace('_', ' ')} along {found[0].path}"
        alt = f"Errors in ULPs of the {what}, those of {entry.id} beside the reference's"
        lines += _images(entry, "errors", alt)
    if trained:
        alt = f"Learning curves of {entry.id} and of the reference"
        lines += ["## What training shows", "", f"{trained.training}, as `fit` reports it.", ""]
        lines += _images(entry, "training", alt)
    if is_checker(entry):
        of_catalog = str(caught(entry.bug.replaces["gradient_checker"]))
        links = re.sub(r"\bGB\d{3}\b", lambda m: f"[{m[0]}]({m[0].lower()}.md)", of_catalog)
        lines += ["## What it catches", "", links, ""]
    lines += ["## Who flags it, and who misses it", "", *_row_table(row), ""]
    lines += ["Every other check reads no part that the bug replaces.", ""]
    if cheapest := smallest(row):
        lines += [f"The cheapest check that flags it is `{cheapest}`.", ""]
    lines += ["```console", f"$ gradbugs explain {entry.id}", "```"]
    return lines


def _thresholds_table(found: list[Threshold]) -> list[str]:
    heads = ("function", "path", *DTYPES)
    rows = [heads, ("---",) * len(heads), *(threshold.cells for threshold in found)]
    return ["| " + " | ".join(row) + " |" for row in rows]


def _picture(entry: Entry, kind: str, mode: str) -> str:
    return f"{entry.id.lower()}-{kind}-{mode}.svg"


def _images(entry: Entry, kind: str, alt: str) -> list[str]:
    return [
        line
        for mode in MODES
        for line in (
            f"```{{image}} {_picture(entry, kind, mode)}",
            f":alt: {alt}",
            f":class: only-{mode}",
            "```",
            "",
        )
    ]


def _linked(ids: str) -> str:
    known = catalog()
    return ", ".join(
        f"[{i}: {known[i].title}]({i.lower()}.md)" if i in known else i for i in ids.split(", ")
    )


def _row_table(row: list[Cell]) -> list[str]:
    lines = ["| check | outcome | measured | threshold | what was found |", "|---|---|--:|--:|---|"]
    for cell in row:
        outcome = f"**{cell.outcome}**" if cell.declared else str(cell.outcome)
        found = cell.message.replace("|", r"\|") if cell.declared else ""
        numbers = (_number(v) for v in (cell.measured, cell.threshold))
        name = f"[{cell.check}](checks.md#{cell.check.replace('_', '-')})"
        lines.append("| " + " | ".join([name, outcome, *numbers, found]) + " |")
    return lines


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"


def _catalog_page() -> list[str]:
    lines = ["# The catalog", "", f"{len(catalog())} bugs, each flagged by what its page says.", ""]
    for family in dict.fromkeys(entry.family for entry in catalog().values()):
        lines += [
            f"## {family_title(family)}",
            "",
            "| bug | severity | flagged by |",
            "|---|---|---|",
        ]
        for entry in catalog().values():
            if entry.family == family:
                link = f"[{entry.id}: {entry.title}]({entry.id.lower()}.md)"
                codes = " ".join(CHECKS[name].code for name in entry.bug.flagged_by)
                lines.append(f"| {link} | {entry.bug.severity} | {codes} |")
        lines.append("")
    pages = (entry.id.lower() for entry in catalog().values())
    return [*lines, "```{toctree}", ":hidden:", *pages, "```"]


def _checks_page(cells: list[Cell]) -> list[str]:
    lines = ["# The checks", "", "In the order of the matrix, each with what it flags.", ""]
    for check in CHECKS.values():
        doc = inspect.getdoc(check.function) or ""
        flagged = [
            cell.variant
            for cell in cells
            if cell.check == check.name and cell.outcome is Outcome.FLAGGED
        ]
        links = ", ".join(f"[{variant}]({variant.lower()}.md)" for variant in flagged)
        needs = ", ".join(f"`{part}`" for part in check.needs)
        lines += [f"## {check.name}", "", f"**{check.code}.** {doc}", ""]
        lines += [f"Needs {needs}. Flags {links or 'none of the catalog'}.", ""]
    return lines
