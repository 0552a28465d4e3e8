"""The matrix: every implementation by every check, held against what each bug declares."""

from __future__ import annotations

import json
import math
import multiprocessing
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

from buggy_variants.catalog import catalog
from buggy_variants.concerned import concerned
from reference_mlp._files import write_text
from reference_mlp.testing import (
    CHECKS,
    Implementation,
    Outcome,
    Result,
    Setting,
    assemble,
    run_check,
)

REFERENCE = "reference"


@dataclass(frozen=True)
class Cell:
    """How one check of one variant ended, and what the variant declares: flagged or crashed."""

    variant: str
    check: str
    outcome: Outcome
    expected: Outcome
    measured: float | None
    threshold: float | None
    message: str
    seconds: float

    @property
    def declared(self) -> bool:
        """Whether the variant declares that it doesn't pass."""
        return self.expected is not Outcome.PASSED

    @property
    def good(self) -> bool:
        """Whether the check ended as declared; what a variant has no part for may not apply."""
        if self.outcome is Outcome.NOT_APPLICABLE:
            return not self.declared
        return self.outcome is self.expected

    def as_json(self) -> dict[str, Any]:
        """Return the cell as plain data; what was not measured or is not finite is None."""
        return {
            "variant": self.variant,
            "check": self.check,
            "outcome": self.outcome.value,
            "declared": self.declared,
            "expected": self.expected.value,
            "measured": _finite(self.measured),
            "threshold": _finite(self.threshold),
            "message": self.message,
            "seconds": self.seconds,
        }


def implementation_of(variant: str) -> Implementation:
    """Return the implementation of a bug's id, or of "reference".

    Its problems are those in whose networks the bug is: the others' would only be the reference.
    """
    if variant == REFERENCE:
        return assemble()
    entry = catalog()[variant]
    problems = concerned(entry.bug.replaces, entry.implementation.problems)
    return replace(entry.implementation, problems=problems)


def setting_of(variant: str) -> Setting:
    """Return where the matrix measures a variant: seed 0, in a precision in which it is a bug."""
    return Setting() if variant == REFERENCE else Setting(dtype=catalog()[variant].bug.dtypes[0])


def concerns(check: str, variant: str) -> bool:
    """Say whether `check` looks at anything in which `variant` differs from the reference.

    Where it doesn't, it would only measure the reference again, and there is no cell. What is
    declared is measured in any case.
    """
    if variant == REFERENCE or expected_outcome(variant, check) is not Outcome.PASSED:
        return True
    return CHECKS[check].tells_apart(_to_compare(variant), _to_compare(REFERENCE))


@cache
def _to_compare(variant: str) -> Implementation:
    # One for all checks, since it is never run: a bug may keep something from one run to the next.
    return implementation_of(variant)


def expected_outcome(variant: str, check: str, exception: Exception | None = None) -> Outcome:
    """Return what `variant` declares of `check`; a crash only if it is of the declared kind."""
    if variant == REFERENCE:
        return Outcome.PASSED
    bug = catalog()[variant].bug
    if check in bug.flagged_by:
        return Outcome.FLAGGED
    if check in bug.crashes_in and isinstance(exception, bug.crashes_in[check] | None):
        return Outcome.CRASHED
    if check in bug.inconclusive_in:
        return Outcome.INCONCLUSIVE
    return Outcome.PASSED


def cell_of(variant: str, result: Result) -> Cell:
    """Return the cell of a result."""
    found = result.evidence
    return Cell(
        variant=variant,
        check=result.check,
        outcome=result.outcome,
        expected=expected_outcome(variant, result.check, result.exception),
        measured=None if found is None else float(found.measured),
        threshold=None if found is None else float(found.threshold),
        message=f"{result.message} (replay seed {result.setting.seed})",
        seconds=result.seconds,
    )


def run_row(variant: str, checks: Sequence[str], setting: Setting | None = None) -> list[Cell]:
    """Return the cells of one variant, of those among `checks` that concern it."""
    implementation = implementation_of(variant)
    setting = setting or setting_of(variant)
    results = (
        run_check(CHECKS[name], implementation, setting=setting)
        for name in checks
        if concerns(name, variant)
    )
    return [cell_of(variant, result) for result in results]


def run_matrix(
    variants: Sequence[str] | None = None,
    checks: Sequence[str] | None = None,
    *,
    jobs: int = 1,
    setting: Setting | None = None,
    on_row: Callable[[list[Cell]], object] = lambda _: None,
) -> list[Cell]:
    """Return all cells, row by row; `on_row` is called with each row as it is done.

    `variants` are ids, or "reference", all where None is given; so are `checks`, by name.
    `jobs` processes share the rows.
    """
    variants = [REFERENCE, *catalog()] if variants is None else list(variants)
    checks = list(CHECKS) if checks is None else list(checks)
    rows: dict[str, list[Cell]] = {}
    for variant, row in _rows(variants, checks, setting, jobs):
        rows[variant] = row
        on_row(row)
    return [cell for variant in variants for cell in rows[variant]]


def _rows(
    variants: list[str], checks: list[str], setting: Setting | None, jobs: int
) -> Iterator[tuple[str, list[Cell]]]:
    if jobs == 1 or len(variants) == 1:
        for variant in variants:
            yield variant, run_row(variant, checks, setting)
        return
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(jobs, len(variants)), mp_context=spawn) as pool:
        try:
            with _interrupts_blocked():
                futures = {pool.submit(run_row, v, checks, setting): v for v in variants}
            for future in as_completed(futures):
                yield futures[future], future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in multiprocessing.active_children():
                process.terminate()
            raise


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Start processes that inherit deafness to Ctrl-C: the first one ends them, and has words.

    A Ctrl-C meanwhile is kept until afterwards.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def write_json(path: Path, cells: Iterable[Cell]) -> None:
    """Write the cells as JSON, schema version 1, to `path`, whole or not at all."""
    text = json.dumps({"schema_version": 1, "cells": [cell.as_json() for cell in cells]}, indent=1)
    write_text(path, text + "\n")


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def read_json(path: Path) -> list[Cell]:
    """Return the cells that `write_json` wrote into `path`."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [
        Cell(
            **{f.name: cell[f.name] for f in fields(Cell)}
            | {key: Outcome(cell[key]) for key in ("outcome", "expected")}
        )
        for cell in cells
    ]
