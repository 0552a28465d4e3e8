"""The command line, as its users meet it: exit status, output, messages."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from buggy_variants.catalog import catalog
from gradbugs.__main__ import INTERRUPTED, main
from reference_mlp.testing import assemble


def gradbugs(capsys, *arguments):
    """Return (exit status, standard output, standard error)."""
    try:
        status = main(arguments)
    except SystemExit as exit_:
        status = exit_.code
    out, err = capsys.readouterr()
    return status, out, err


def test_list_names_every_bug(capsys):
    status, out, _ = gradbugs(capsys, "list")
    assert status == 0
    assert all(entry.id in out for entry in catalog().values())


def test_list_as_json(capsys):
    status, out, _ = gradbugs(capsys, "list", "--json")
    assert status == 0
    entries = json.loads(out)
    assert [entry["id"] for entry in entries] == list(catalog())
    assert set(entries[0]) >= {"id", "slug", "family", "title", "severity", "flagged_by", "origin"}


def test_explain_tells_code_difference_and_numbers(capsys):
    status, out, _ = gradbugs(capsys, "explain", "gb016")
    assert status == 0
    assert "# BUG: the caller's array is overwritten" in out
    assert "-    h = np.maximum(z, 0)" in out
    assert "modules_unchanged" in out
    assert "relu.forward changed" in out


def test_explain_says_where_an_unstable_function_first_goes_wrong(capsys):
    _, out, _ = gradbugs(capsys, "explain", "GB001")
    # The logarithm of the largest number of each precision, less that of the three terms.
    assert "where it first goes wrong" in out
    assert "87.62423" in out
    assert "708.68" in out


def test_a_matrix_as_declared_ends_with_0(capsys, tmp_path):
    path = tmp_path / "m.json"
    arguments = (
        "--variant",
        "reference",
        "GB001",
        "--check",
        "EXT",
        "--json",
        str(path),
        "-j",
        "1",
    )
    status, out, _ = gradbugs(capsys, "matrix", *arguments)
    assert status == 0
    assert "each fails exactly what it declares" in out
    cells = json.loads(path.read_text())["cells"]
    assert [(c["variant"], c["outcome"]) for c in cells] == [
        ("reference", "passed"),
        ("GB001", "flagged"),
    ]


def test_a_matrix_that_is_not_as_declared_ends_with_1(capsys, monkeypatch):
    reference = assemble()
    monkeypatch.setattr("buggy_variants.matrix.implementation_of", lambda _: reference)
    status, out, _ = gradbugs(capsys, "matrix", "--variant", "GB016", "--check", "PUM", "-j", "1")
    assert status == 1
    assert "GB016 modules_unchanged is passed, declared flagged" in " ".join(out.split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "required: COMMAND"),
        (("nosuch",), "invalid choice: 'nosuch'"),
        (("explain", "GB999"), "no bug is called 'GB999'"),
        (("matrix", "--variant", "GB999"), "no bug is called 'GB999'"),
        (("matrix", "--check", "nosuch"), "no check is called 'nosuch', expected one of"),
        (("matrix", "-j", "0"), "'0' is no whole number above 0"),
        (("matrix", "--json", "/nosuch/m.json"), "can't be written"),
        (("train", "--epochs", "none"), "'none' is no whole number above 0"),
        (("train", "--data", "/nosuch"), "/nosuch"),
        (("train", "--learning-rate", "-1"), "learning_rate is -1.0, expected a finite number"),
    ],
)
def test_bad_usage_ends_with_2_and_says_what_was_expected(capsys, arguments, message):
    status, _, err = gradbugs(capsys, *arguments)
    assert status == 2
    assert message in err
    assert "Traceback" not in err


def test_train_learns_and_saves_a_picture(capsys, tmp_path):
    pytest.importorskip("matplotlib", reason="the picture needs matplotlib, the extra `plots`")
    picture = tmp_path / "curve.png"
    status, out, _ = gradbugs(capsys, "train", "--epochs", "2", "--picture", str(picture))
    assert status == 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    accuracy = float(out.split("test accuracy ")[-1].split()[0])
    assert accuracy > 0.85


def test_train_without_matplotlib_says_what_to_install_before_it_starts(capsys, monkeypatch):
    monkeypatch.setattr("buggy_variants.plots.find_spec", lambda _: None)
    status, out, err = gradbugs(capsys, "train")
    assert status == 2
    assert "pip install 'gradbugs[plots]'" in err
    assert not out


@pytest.mark.skipif(sys.platform != "linux", reason="waits for the processes by Linux's /proc")
def test_an_interrupt_ends_cleanly():
    process = subprocess.Popen(
        [sys.executable, "-m", "gradbugs", "matrix", "-j", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    for _ in range(300):
        if len(children.read_text().split()) >= 2:
            break
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == INTERRUPTED
    assert "Traceback" not in err
    assert err.rstrip().endswith("gradbugs: interrupted")
