"""`gradbugs check` and `check_implementation`, as their users meet them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from buggy_variants import cli
from reference_mlp.testing import CHECKS, Implementation, Outcome, Setting
from reference_mlp.testing import check_implementation as module
from reference_mlp.testing.check_implementation import check_implementation
from reference_mlp.testing.target import TargetError
from tests.own import nets

NETS = str(Path(nets.__file__))
FEW = ["--check", "parameter_differences", "asked_twice", "HOT"]


def gradbugs(capsys, *arguments):
    """Return (exit status, standard output, standard error)."""
    try:
        status = cli.main(arguments)
    except SystemExit as exit_:
        status = exit_.code
    out, err = capsys.readouterr()
    return status, out, err


def in_a_process(*arguments, **environment):
    """Start `gradbugs` as a shell does."""
    return subprocess.Popen(  # noqa: S603 - our own interpreter and words
        [sys.executable, "-m", "gradbugs", *arguments],
        cwd=Path(NETS).parents[2],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_a_right_network_is_clean(capsys):
    status, out, err = gradbugs(capsys, "check", f"{NETS}:right", *FEW)
    assert (status, err) == (0, "")
    assert "passed: FD IDM" in out
    assert out.rstrip().endswith("nets.py:right: 2 passed, 1 n/a")


def test_a_module_is_named_by_dots_and_found_beside_the_user():
    process = in_a_process("check", "tests.own.nets:right", *FEW)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert b"tests.own.nets:right: 2 passed, 1 n/a" in out


def test_a_wrong_network_is_flagged_and_every_file_is_written(capsys, tmp_path):
    files = {kind: tmp_path / f"report.{kind}" for kind in ("json", "html", "junit")}
    options = [str(x) for kind, path in files.items() for x in (f"--{kind}", path)]
    status, out, _ = gradbugs(capsys, "check", f"{NETS}:wrong", *FEW, *options)
    assert status == 1
    assert "x parameter_differences  measured" in out
    assert "(ratio 2)" in out
    data = json.loads(files["json"].read_text(encoding="utf-8"))
    outcomes = [found["outcome"] for found in data["results"]]
    assert outcomes == ["flagged", "passed", "n/a"]
    assert data["results"][2]["missing"] == ["one_hot"]
    cases = ElementTree.parse(files["junit"]).findall("testsuite/testcase")  # noqa: S314 - ours
    assert [case.get("name") for case in cases] == [found["check"] for found in data["results"]]
    assert "parameter_differences" in files["html"].read_text(encoding="utf-8")
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "report.html",
        "report.json",
        "report.junit",
    ]


def test_names_that_would_break_a_report_do_not(capsys, tmp_path):
    page, xml = tmp_path / "page.html", tmp_path / "report.xml"
    checks = ("parameter_differences", "certified_gradients", "per_sample", "step_follows_gradient")
    arguments = ["--check", *checks, "--html", str(page), "--junit", str(xml)]
    status, out, _ = gradbugs(capsys, "check", f"{NETS}:hostile", *arguments)
    assert status == 1
    assert "<script>" in out  # the names are in the messages
    assert all(c.isprintable() or c == "\n" for c in out)
    assert "<script" not in page.read_text(encoding="utf-8")
    assert len(ElementTree.parse(xml).findall("testsuite/testcase")) == len(checks)  # noqa: S314


def test_a_terminal_of_few_letters_is_written_to_all_the_same(tmp_path):
    file = tmp_path / "né.py"
    file.write_text("from tests.own.nets import right as größe\n", encoding="utf-8")
    process = in_a_process("check", f"{file}:größe", *FEW, PYTHONIOENCODING="ascii")
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert rb"n\xe9.py:gr\xf6\xdfe: 2 passed" in b"".join(out.split(b"\n"))


def test_the_dtype_is_the_one_there_is(capsys):
    status, out, _ = gradbugs(capsys, "check", f"{NETS}:single", *FEW, "--verbose")
    assert status == 0
    assert "passed       asked_twice" in out
    status, _, err = gradbugs(capsys, "check", f"{NETS}:single", *FEW, "--dtype", "float64")
    assert status == 2
    assert "no check could judge" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no_such_file.py:f"], "there is no file 'no_such_file.py'"),
        (["no_such_module:f"], "no_such_module"),
        (["just_a_name"], "expected my_net.py:make_network"),
        ([f"{NETS}:no_such_name"], "expected one of"),
        ([f"{NETS}:nothing", "--check", "HOT"], "no check could judge"),
    ],
)
def test_what_can_not_be_checked_is_one_message(capsys, arguments, words):
    status, _, err = gradbugs(capsys, "check", *arguments)
    assert status == 2
    assert words in err
    assert err.startswith("gradbugs: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--seconds", "-1", "no number of seconds above 0"),
        ("--seconds", "nan", "no number of seconds above 0"),
        ("--seed", "-1", "no whole number from 0 on"),
        ("--json", "/no/such/folder/x.json", "can't be written"),
        ("--check", "NOPE", "no check is called 'NOPE'"),
    ],
)
def test_bad_options_are_told_before_anything_runs(capsys, option, value, words):
    status, _, err = gradbugs(capsys, "check", f"{NETS}:right", option, value)
    assert status == 2
    assert words in err


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="waits for numpy by Linux's /proc")
def test_an_interrupt_while_it_is_imported_is_one_line():
    process = in_a_process("check", f"{NETS}:right")
    maps = Path(f"/proc/{process.pid}/maps")
    while "numpy" not in maps.read_text() and process.poll() is None:
        time.sleep(0.001)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert err == b"gradbugs: interrupted\n"
    # By the signal where it came through C: Python then passes it on. To a shell both are 130.
    assert process.returncode in {130, -signal.SIGINT}


@pytest.mark.skipif(sys.platform == "win32", reason="interrupts are sent differently")
def test_an_interrupt_leaves_what_was_found(tmp_path):
    path, built = tmp_path / "report.json", tmp_path / "built"
    process = in_a_process("check", f"{NETS}:slow", "--json", str(path), SLOW=str(built))
    # A check builds five networks at most at first, each in 0.05 s: one is made by then, not all.
    deadline = time.monotonic() + 60
    while not built.exists() or built.stat().st_size < len("built\n") * 20:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert b"not made" in out
    assert err == b"gradbugs: interrupted\n"
    data = json.loads(path.read_text(encoding="utf-8"))
    assert 0 < len(data["results"]) < data["wanted"] == len(CHECKS)
    assert not data["clean"]


def test_check_implementation_takes_a_record_or_a_function():
    quick = [name for name in CHECKS if name not in {"overfits_32_digits", "convergence"}]
    mine = Implementation(name="mine", make_network=nets.right)
    report = check_implementation(mine, checks=quick)
    assert report.clean, report.verdict
    assert report.count(Outcome.PASSED) > 15
    assert report.used == ("fit", "optimisers", "train_step")
    report = check_implementation(nets.wrong, checks=["parameter_differences"], setting=Setting(3))
    assert [found.setting.seed for found in report.alarms] == [3]
    assert report.name == "wrong"
    with pytest.raises(TargetError, match="network is a int, expected a function"):
        check_implementation(3)


def test_check_implementation_keeps_what_it_found_until_an_interrupt(monkeypatch):
    made = []

    def interrupted(check, *arguments, **options):
        if made:
            raise KeyboardInterrupt
        made.append(check)
        return module.Result(check.name, Outcome.PASSED, "", None, Setting(), 0.0)

    monkeypatch.setattr(module, "run_check", interrupted)
    report = check_implementation(Implementation(name="mine", make_network=nets.right))
    assert len(report.results) == 1
    assert not report.clean


def test_sys_exit_in_somebodys_network_is_a_crash_of_its_check():
    def make_network(sizes, *, activation, loss, l2, dtype, rng):
        network = nets.right(sizes, activation=activation, loss=loss, l2=l2, dtype=dtype, rng=rng)
        network.loss = lambda X, y: sys.exit("no such data")
        return network

    mine = Implementation(name="mine", make_network=make_network)
    report = check_implementation(mine, checks=["asked_twice"])
    assert report.results[0].message == "SystemExit: no such data"
