"""The diagnosis where a report is read: terminal, JSON, HTML, notebook; and where it fails."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from buggy_variants import cli
from buggy_variants.diagnosis import check_and_diagnose, implementation
from reference_mlp.testing.report import Report
from tests.own import nets

NETS = str(Path(nets.__file__))
FEW = ["--check", "parameter_differences", "asked_twice"]


def test_json_and_html_hold_the_diagnosis(capsys, tmp_path):
    files = tmp_path / "r.json", tmp_path / "r.html"
    arguments = ["--json", str(files[0]), "--html", str(files[1])]
    assert cli.main(["check", f"{NETS}:biasless", *FEW, *arguments]) == 1
    out = capsys.readouterr().out
    data = json.loads(files[0].read_text(encoding="utf-8"))
    (first, *_) = data["diagnosis"]["suggestions"]
    (named,) = first["ids"]
    assert named == "GB054"
    page = files[1].read_text(encoding="utf-8")
    for text in (out, page):
        assert named in text
        assert "gradbugs explain GB054" in text


def test_a_clean_network_has_no_diagnosis(tmp_path):
    path = tmp_path / "r.json"
    assert cli.main(["check", f"{NETS}:right", *FEW, "--json", str(path)]) == 0
    assert "diagnosis" not in json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("error", [ZeroDivisionError("of\nours"), MemoryError()])
def test_a_fault_of_the_diagnosis_is_one_line(capsys, monkeypatch, tmp_path, error):
    def broken(*_, **__):
        raise error

    monkeypatch.setattr(implementation, "diagnose", broken)
    path = tmp_path / "r.json"
    assert cli.main(["check", f"{NETS}:wrong", *FEW, "--json", str(path)]) == 1
    out, err = capsys.readouterr()
    assert err == ""
    last = out.rstrip().splitlines()[-1]
    assert last.startswith(f"The diagnosis failed: {type(error).__name__}")
    assert last.endswith("; the checks above stand.")
    assert json.loads(path.read_text(encoding="utf-8"))["diagnosis"]["failed"]


def test_a_network_that_ends_the_process_when_it_is_observed(capsys, monkeypatch):
    monkeypatch.setattr(implementation, "observe", nets.ends_the_process)
    assert cli.main(["check", f"{NETS}:wrong", *FEW]) == 1
    out = capsys.readouterr().out
    assert "The diagnosis failed: it ended the process, with exit status 3" in out


def test_in_python_the_report_ends_with_the_diagnosis():
    report = check_and_diagnose(nets.biasless, checks=["parameter_differences"])
    assert isinstance(report, Report)
    found = report.sections["diagnosis"]
    assert found.suggestions[0].fit.perfect
    assert found.ids[0][0] in report._repr_html_()
    assert report.to_dict()["diagnosis"]["suggestions"]
    assert check_and_diagnose(nets.right, checks=["parameter_differences"]).sections == {}


def test_in_python_what_hangs_is_stopped(monkeypatch):
    monkeypatch.setattr(implementation, "observe", lambda *_: time.sleep(60))
    report = check_and_diagnose(nets.wrong, checks=["parameter_differences"], time_limit=1)
    assert report.sections["diagnosis"].failed == "no answer within 1 s"
