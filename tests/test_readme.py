"""The README says what is so: its matrix is the catalog's, its commands are those of CI."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.console import Console

from buggy_variants.catalog import catalog
from buggy_variants.matrix import (
    REFERENCE,
    Cell,
    concerns,
    expected_outcome,
    implementation_of,
    run_row,
)
from buggy_variants.table import matrix_view
from reference_mlp.testing import CHECKS, Outcome

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MATRIX = re.compile(r"\$ \S*gradbugs matrix --variant (.+)\n```\n\n```text\n(.*?)\n```", re.DOTALL)


def _declared(variant: str, check: str) -> Cell:
    if CHECKS[check].missing(implementation_of(variant)):
        not_applicable = Outcome.NOT_APPLICABLE
        return Cell(variant, check, not_applicable, Outcome.PASSED, None, None, "", 0.0)
    bug = None if variant == REFERENCE else catalog()[variant].bug
    raised = None if bug is None or check not in bug.crashes_in else bug.crashes_in[check]()
    outcome = expected_outcome(variant, check, raised)
    return Cell(variant, check, outcome, outcome, None, None, "", 0.0)


def _as_printed(cells: list[Cell]) -> list[str]:
    console = Console(width=80)
    with console.capture() as captured:
        console.print(matrix_view(cells, width=80))
    return [line.rstrip() for line in captured.get().splitlines()]


def _without_counts(lines: list[str]) -> list[str]:
    return [re.sub(r" +\d+$", "", line) for line in lines]


def test_what_the_readme_says_is_caught_is_what_is_declared():
    # That what is declared is also what happens is for test_matrix.py to show. How many checks a
    # bug passes only a run can tell: its networks may have nothing that a check measures.
    command, block = MATRIX.search(README).groups()
    cells = [
        _declared(variant, check)
        for variant in command.split()
        for check in CHECKS
        if concerns(check, variant)
    ]
    assert _without_counts(block.splitlines()) == _without_counts(_as_printed(cells))


@pytest.mark.slow
def test_the_matrix_in_the_readme_is_the_one_that_is_printed():
    command, block = MATRIX.search(README).groups()
    cells = [cell for variant in command.split() for cell in run_row(variant, list(CHECKS))]
    assert block.splitlines() == _as_printed(cells)


def test_its_counts_are_those_of_the_catalog():
    # A new bug leaves the README as it is.
    assert int(re.search(r"more than (\d+) of them", README)[1]) < len(catalog())
    assert f"{len(CHECKS)} checks" in README


def test_the_two_commands_are_where_the_documentation_and_ci_look_for_them():
    between = README.split("<!-- commands -->")[1].split("<!-- end of commands -->")[0]
    commands = [line for line in between.splitlines() if line.startswith("$ ")]
    assert len(commands) == 2
    assert commands[0].endswith("gradbugs matrix")
    assert commands[1].endswith("pytest")


@pytest.mark.parametrize("command", ["matrix", "list", "explain GB016", "train"])
def test_the_commands_in_the_readme_are_there(command):
    assert f"gradbugs {command}" in README
