"""What the matrix calls good and bad: a miss, a surprise and a crash for another reason are bad."""

from __future__ import annotations

import json

import pytest
from rich.console import Console

from buggy_variants import matrix
from buggy_variants.matrix import Cell, cell_of, read_json, run_matrix, write_json
from buggy_variants.table import matrix_view, sign
from reference_mlp.testing import CHECKS, Evidence, Outcome, Result, Setting


def cell(outcome, expected, **changes):
    given = {
        "variant": "GB001",
        "check": "extreme_logits",
        "outcome": outcome,
        "expected": expected,
        "measured": 1.0,
        "threshold": 2.0,
        "message": "a sentence",
        "seconds": 0.1,
    }
    return Cell(**(given | changes))


@pytest.mark.parametrize(
    ("outcome", "expected", "good", "letter"),
    [
        (Outcome.PASSED, Outcome.PASSED, True, "."),
        (Outcome.FLAGGED, Outcome.FLAGGED, True, "x"),
        (Outcome.CRASHED, Outcome.CRASHED, True, "c"),
        (Outcome.NOT_APPLICABLE, Outcome.PASSED, True, "-"),
        (Outcome.INCONCLUSIVE, Outcome.INCONCLUSIVE, True, "i"),
        (Outcome.PASSED, Outcome.FLAGGED, False, "M"),
        (Outcome.FLAGGED, Outcome.PASSED, False, "F"),
        (Outcome.CRASHED, Outcome.PASSED, False, "C"),
        (Outcome.CRASHED, Outcome.FLAGGED, False, "C"),
        (Outcome.FLAGGED, Outcome.CRASHED, False, "F"),
        (Outcome.TIMED_OUT, Outcome.PASSED, False, "T"),
        (Outcome.INCONCLUSIVE, Outcome.FLAGGED, False, "I"),
        (Outcome.NOT_APPLICABLE, Outcome.FLAGGED, False, "N"),
    ],
)
def test_a_cell_is_good_only_as_declared(outcome, expected, good, letter):
    made = cell(outcome, expected)
    assert made.good is good
    assert sign(made).plain == letter


def result(outcome, exception=None):
    return Result("extreme_logits", outcome, "", None, Setting(), 0.0, exception)


def test_a_crash_is_expected_only_of_the_declared_kind(monkeypatch):
    entry = matrix.catalog()["GB001"]
    bug = type(entry.bug)(
        **{
            **{name: getattr(entry.bug, name) for name in entry.bug.__dataclass_fields__},
            "flagged_by": ("floating_point_warnings",),
            "crashes_in": {"extreme_logits": IndexError},
        }
    )
    crashing = type(entry)(**{**vars(entry), "bug": bug})
    monkeypatch.setattr(matrix, "catalog", lambda: {"GB001": crashing})
    assert cell_of("GB001", result(Outcome.CRASHED, IndexError())).good
    assert not cell_of("GB001", result(Outcome.CRASHED, TypeError())).good
    assert not cell_of("GB001", result(Outcome.PASSED)).good


def test_the_view_names_each_bad_cell_and_says_so_in_its_verdict():
    console = Console(width=80, record=True, file=None, force_terminal=False)
    with console.capture() as captured:
        console.print(matrix_view([cell(Outcome.PASSED, Outcome.FLAGGED)], width=80))
    text = captured.get()
    assert "GB001 extreme_logits is passed, declared flagged: a sentence" in " ".join(text.split())
    assert "1 cell not as declared" in text
    assert max(map(len, text.splitlines())) <= 80


def test_the_view_fits_eighty_columns_whatever_the_checks():
    cells = [cell(Outcome.PASSED, Outcome.PASSED, check=name) for name in CHECKS]
    cells += [
        cell(Outcome.FLAGGED, Outcome.FLAGGED, variant="GB031", check=name) for name in CHECKS
    ]
    console = Console(width=80)
    with console.capture() as captured:
        console.print(matrix_view(cells, width=80))
    assert max(map(len, captured.get().splitlines())) <= 80


def test_json_is_valid_where_numbers_are_not(tmp_path):
    path = tmp_path / "matrix.json"
    found = Evidence(float("nan"), float("inf"), "here", "a sentence")
    outcome = Result("extreme_logits", found.outcome, "a sentence", found, Setting(seed=3), 0.1)
    write_json(path, [cell_of("GB001", outcome)])
    assert json.loads(path.read_text(), parse_constant=pytest.fail) == {
        "schema_version": 1,
        "cells": [
            {
                "variant": "GB001",
                "check": "extreme_logits",
                "outcome": "flagged",
                "declared": True,
                "expected": "flagged",
                "measured": None,
                "threshold": None,
                "message": "a sentence (replay seed 3)",
                "seconds": 0.1,
            }
        ],
    }
    assert [p.name for p in tmp_path.iterdir()] == ["matrix.json"]


def test_processes_find_what_one_process_finds():
    checks = ["parameter_differences", "extreme_logits", "modules_unchanged"]
    alone = run_matrix(["reference", "GB001", "GB016"], checks, jobs=1)
    shared = run_matrix(["reference", "GB001", "GB016"], checks, jobs=2)
    assert [(c.variant, c.check, c.outcome) for c in alone] == [
        (c.variant, c.check, c.outcome) for c in shared
    ]


def test_what_is_written_as_json_is_read_again(tmp_path):
    path = tmp_path / "matrix.json"
    cells = [cell(Outcome.PASSED, Outcome.FLAGGED), cell(Outcome.CRASHED, Outcome.CRASHED)]
    write_json(path, cells)
    assert read_json(path) == cells
