"""The stability section of a report: what it shows, and that nothing from outside breaks it."""

import json
import pickle
from io import StringIO
from xml.etree import ElementTree

import numpy as np
import pytest
from rich.console import Console

import reference_mlp as r
from buggy_variants.catalog import catalog
from reference_mlp.testing import CHECKS, Implementation, Outcome, assemble, run_check
from reference_mlp.testing.report import Report
from reference_mlp.testing.stability import inputs, section
from reference_mlp.testing.stability.section import stability_of
from tests.own.nets import HOSTILE


def naive_softmax(z):
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)


def raising_softmax(z):
    raise ValueError(HOSTILE)


def of(**parts):
    return stability_of(Implementation(name="own", **parts))


def shown(what, width=80):
    console = Console(file=StringIO(), width=width, highlight=False)
    console.print(what)
    return console.file.getvalue()


@pytest.fixture(scope="module")
def of_reference():
    return stability_of(assemble())


def test_every_function_of_the_reference_is_stable(of_reference):
    found = of_reference
    assert found.stable
    assert "of 11 functions none" in found.summary
    names = {row.function for row in found.rows}
    assert {"softmax", "tanh", "tanh_derivative", "cross_entropy_gradient"} <= names
    assert len(found.rows) == 2 * len(names)
    assert all(row.max_ulp <= 5 and row.share < 0.5 for row in found.rows)


def test_a_network_that_gives_no_function_has_no_section():
    assert of(make_network=assemble().make_network) is None


def test_the_table_fits_into_eighty_columns(of_reference):
    lines = shown(of_reference).splitlines()
    assert lines[0] == ""
    assert lines[2].split() == [
        *("largest", "error", "in", "ULP", "float32", "float64", "share", "worst", "input")
    ]
    assert all(line == line.rstrip() and len(line) <= 80 for line in lines)
    row = next(line for line in lines if line.startswith("cross_entropy_gradient"))
    assert row.split()[1:3] == ["4.46", "4.47"]


def test_what_is_unstable_is_told_with_the_first_input_that_fails():
    found = of(softmax=naive_softmax, activations=r.ACTIVATIONS)
    assert not found.stable
    assert "1 of 5 functions loses digits" in found.summary
    text = " ".join(shown(found).split())
    assert "softmax of float64, two rows, z = (0, 0, 0) and (t, t, t): wrong from t = 708.6" in text
    assert "softmax inf inf >999%" in text


def test_the_worst_input_can_be_replayed():
    row = of(softmax=naive_softmax).rows[0]
    z = eval(row.worst, {"np": np})  # noqa: S307
    with np.errstate(all="ignore"):
        assert np.isnan(naive_softmax(z)).any()
    number = int(row.place.removeprefix("row "))
    np.testing.assert_array_equal(z, inputs.rows(np.float32, n=60)[number : number + 1])
    row = of(activations={"tanh": catalog()["GB109"].implementation.activations["tanh"]}).rows[0]
    z = np.array([float(row.place)], np.float32)
    assert catalog()["GB109"].implementation.activations["tanh"]().forward(z)[0] != np.tanh(z)


def test_the_section_and_the_checks_agree_of_the_reference(of_reference):
    outcomes = {run_check(CHECKS[name], assemble()).outcome for name in section.CHECKS}
    assert outcomes == {Outcome.PASSED}
    assert all(row.share <= 1 for row in of_reference.rows)


@pytest.mark.parametrize("variant", ["GB001", "GB003", "GB010", "GB137"])
def test_the_section_and_the_checks_agree(variant):
    own = catalog()[variant].implementation
    outcomes = [run_check(CHECKS[name], own).outcome for name in sorted(section.CHECKS)]
    wrong = {row.function for row in stability_of(own).rows if row.share > 1}
    assert bool(wrong) == (Outcome.FLAGGED in outcomes)


def test_a_function_that_raises_is_a_finding_and_spoils_no_other():
    found = of(softmax=raising_softmax, activations=r.ACTIVATIONS)
    raised = [row for row in found.rows if row.findings]
    assert {row.function for row in raised} == {"softmax"}
    assert all("raises ValueError" in row.findings[0] for row in raised)
    assert shown(found).split("softmax", 1)[1].split()[:4] == ["-", "-", ">999%", "-"]


def test_it_comes_with_a_report_in_every_form_and_leaves_its_verdict_alone():
    found = of(softmax=raising_softmax)
    found = pickle.loads(pickle.dumps(found))  # it comes from another process
    report = Report("net", (), 0)
    longer = Report("net", (), 0, sections={"stability": found})
    assert (longer.clean, longer.verdict) == (report.clean, report.verdict)
    assert longer == report
    text = shown(longer)
    assert text.startswith(shown(report))
    assert all(c.isprintable() or c == "\n" for c in text)
    html = longer.to_html()
    assert "gradbugs-stability" in html
    assert "<script" not in html
    ElementTree.fromstring(found._repr_html_())  # noqa: S314 - every element is closed
    data = json.loads(longer.to_json(), parse_constant=pytest.fail)["stability"]
    assert data["stable"] is False
    assert [f["dtype"] for f in data["functions"]] == ["float32", "float64"]
    assert data["functions"][0]["max_ulp"] is None
    assert "stability" not in report.to_dict()
