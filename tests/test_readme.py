"""The README says what is so: its matrix is the catalog's, its commands are those of CI."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.console import Console

from buggy_variants.catalog import catalog
from buggy_variants.matrix import run_row
from buggy_variants.table import matrix_view
from reference_mlp.testing import CHECKS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MATRIX = re.compile(r"\$ \S*gradbugs matrix --variant (.+)\n```\n\n```text\n(.*?)\n```", re.DOTALL)


def test_the_matrix_in_the_readme_is_the_one_that_is_printed():
    command, block = MATRIX.search(README).groups()
    cells = [cell for variant in command.split() for cell in run_row(variant, list(CHECKS))]
    console = Console(width=80)
    with console.capture() as captured:
        console.print(matrix_view(cells, width=80))
    assert block.splitlines() == [line.rstrip() for line in captured.get().splitlines()]


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
