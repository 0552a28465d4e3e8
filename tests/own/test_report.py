"""The report as text, HTML, JSON and JUnit: nothing from outside can break it."""

from __future__ import annotations

import json
from io import StringIO
from xml.etree import ElementTree

import numpy as np
import pytest
from rich.console import Console

from reference_mlp.testing import CHECKS, Evidence, Outcome, Result, Setting, assemble
from reference_mlp.testing.check_implementation import check_implementation
from reference_mlp.testing.report import MOST, Report, plain
from tests.own.nets import HOSTILE

NAMES = list(CHECKS)


def result(outcome, message="a sentence", check=NAMES[0], found=None, missing=()):
    return Result(check, outcome, message, found, Setting(), 0.5, missing=missing)


def shown(report, width=80):
    console = Console(file=StringIO(), width=width, highlight=False)
    console.print(report)
    return console.file.getvalue()


HOSTILE_MESSAGES = [HOSTILE, "[bold]markup[/bold] [/]", "\n\n\n", "é 漢字 😀", "x" * 10**6, ""]


@pytest.fixture
def hostile():
    evidence = Evidence(np.nan, np.inf, HOSTILE, HOSTILE)
    outcomes = [Outcome.FLAGGED, Outcome.CRASHED, Outcome.NOT_APPLICABLE, Outcome.INCONCLUSIVE]
    results = [result(o, m, found=evidence) for o in outcomes for m in HOSTILE_MESSAGES]
    return Report(f"{HOSTILE}.py:f", tuple(results), len(results), verbose=True)


def test_a_terminal_is_told_nothing_to_obey(hostile):
    text = shown(hostile)
    assert all(c.isprintable() or c == "\n" for c in text)
    assert "<script>" in text  # shown as it is written
    assert "[bold]markup[/bold] [/]" in text
    assert len(text) < 40 * MOST
    text.encode("utf-8")


def test_json_is_json_and_plain(hostile):
    text = hostile.to_json()
    assert text.isascii()
    data = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert data["schema_version"] == 1
    assert data["results"][0]["measured"] is None
    assert data["clean"] is False
    assert all("\x1b" not in found["message"] for found in data["results"])


def test_junit_is_xml_without_illegal_characters(hostile):
    text = hostile.to_junit()
    text.encode("utf-8")
    suite = ElementTree.fromstring(text.encode("utf-8")).find("testsuite")  # noqa: S314 - ours
    n = len(HOSTILE_MESSAGES)
    assert (suite.get("failures"), suite.get("errors")) == (str(n), str(n))
    assert suite.get("skipped") == str(2 * n)
    assert len(suite.findall("testcase")) == len(hostile.results)
    assert len(suite.findall("testcase/failure")) == n
    assert all(c == "\n" or c.isprintable() for c in text)


def test_html_is_escaped(hostile):
    text = hostile.to_html()
    text.encode("utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert all(c == "\n" or c.isprintable() for c in text)
    ElementTree.fromstring(hostile._repr_html_())  # noqa: S314 - every element is closed


def test_plain_is_one_line_of_bounded_length():
    assert plain("a\nb") == "a b"
    assert plain("\x1b\x9b\ud800") == r"\x1b\x9b\ud800"
    assert plain("x" * (MOST + 1)).endswith(f"... ({MOST + 1} characters)")


def test_every_check_is_counted():
    results = tuple(result(outcome) for outcome in Outcome)
    report = Report("net", results, wanted=8)
    for outcome in Outcome:
        assert f"1 {outcome}" in report.verdict
    assert "2 not made" in report.verdict


@pytest.mark.parametrize(
    ("outcomes", "wanted", "clean"),
    [
        ([Outcome.PASSED], 1, True),
        ([Outcome.PASSED, Outcome.NOT_APPLICABLE, Outcome.INCONCLUSIVE], 3, True),
        ([Outcome.PASSED], 2, False),
        ([Outcome.NOT_APPLICABLE, Outcome.INCONCLUSIVE], 2, False),
        ([Outcome.PASSED, Outcome.FLAGGED], 2, False),
        ([Outcome.PASSED, Outcome.CRASHED], 2, False),
        ([Outcome.PASSED, Outcome.TIMED_OUT], 2, False),
    ],
)
def test_clean_is_complete_without_alarms_and_with_a_pass(outcomes, wanted, clean):
    assert Report("net", tuple(map(result, outcomes)), wanted).clean is clean


def test_what_does_not_apply_is_short_and_in_verbose_told_check_by_check():
    results = [
        result(Outcome.NOT_APPLICABLE, "no fit to check", NAMES[0], missing=("fit",)),
        result(Outcome.NOT_APPLICABLE, "no split, one_hot to check", NAMES[1], missing=("split",)),
        result(Outcome.NOT_APPLICABLE, "no `input_gradient`", NAMES[2]),
        result(Outcome.NOT_APPLICABLE, "no `input_gradient`", NAMES[3]),
    ]
    text = " ".join(shown(Report("net", tuple(results), 4)).split())
    codes = [CHECKS[name].code for name in NAMES]
    assert "not applicable, 4 checks" in text
    assert f"no `input_gradient` ({codes[2]} {codes[3]})" in text
    assert "2 checks of parts that it doesn't give (fit, split)" in text
    verbose = shown(Report("net", tuple(results), 4, verbose=True), width=200)
    assert f"{NAMES[1]}: no split, one_hot to check" in verbose


def test_the_same_thing_found_by_many_is_told_once():
    results = [result(Outcome.CRASHED, "TypeError: no", name) for name in NAMES[:9]]
    text = shown(Report("net", tuple(results), 9))
    assert text.count("TypeError: no") == 1
    assert all(name in text for name in NAMES[:9])


def test_a_report_shows_itself_in_a_notebook():
    report = check_implementation(assemble(), checks=["parameter_differences", "asked_twice"])
    html = report._repr_html_()
    assert html.startswith('<div class="gradbugs">')
    assert html.count("<tr class=") == 2
    assert "reference: 2 passed" in html


def test_training_that_is_ours_is_said_and_what_is_ours_alone_is_not_checked():
    own = assemble()
    bare = type(own)(name="bare", make_network=own.make_network)
    report = check_implementation(bare, checks=["parameters_move", "optimiser_rules"])
    assert report.results[0].outcome is Outcome.PASSED
    assert report.results[1].outcome is Outcome.NOT_APPLICABLE
    assert report.used == ("fit", "optimisers")
    text = " ".join(shown(report).split())
    assert "trained by the reference's fit, optimisers, not its own" in text
    assert "Trained by the reference's fit, optimisers" in report.to_html()
    assert report.to_dict()["lent"] == ["fit", "optimisers"]
    assert check_implementation(own, checks=["parameters_move"]).used == ()
