"""The pytest plugin, in runs of pytest of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from reference_mlp.testing import CHECKS
from tests.own import nets

NETS = str(Path(nets.__file__))
FEW = "parameter_differences or asked_twice or one_hot_rows"
# What the runs don't need: importing Hypothesis takes longer than the rest of most of them.
WITHOUT = [
    f"-pno:{name}" for name in ("cacheprovider", "randomly", "hypothesispytest", "benchmark")
]


def run(folder, *arguments):
    """Run pytest in `folder` with our plugin alone, and return it."""
    return subprocess.run(  # noqa: S603 - our own interpreter and words
        [sys.executable, "-m", "pytest", *WITHOUT, *arguments],
        cwd=folder,
        env=os.environ | {"PYTEST_ADDOPTS": ""},  # those of the run around it are not for this one
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture
def project(tmp_path):
    """A project of somebody's: strict, with tests of its own, and a network beside them."""
    (tmp_path / "net.py").write_text("from tests.own.nets import right, wrong\n", encoding="utf-8")
    (tmp_path / "test_own.py").write_text("def test_one_hot_rows():\n    pass\n", encoding="utf-8")
    root = Path(NETS).parents[2]
    (tmp_path / "pytest.ini").write_text(
        f"[pytest]\nstrict = true\nfilterwarnings = error\npythonpath = {root}\n"
        "gradbugs = net.py:wrong\n",
        encoding="utf-8",
    )
    (tmp_path / "folder").mkdir()
    return tmp_path


def outcomes(text):
    """Return the tests of a verbose run by their ids; with xdist the outcome comes first."""
    plain = re.findall(r"^(?:\.\./)?(net\.py:\w+::\w+) (PASSED|FAILED|SKIPPED)", text, re.MULTILINE)
    spread = re.findall(r"(PASSED|FAILED|SKIPPED) (net\.py:\w+::\w+)", text)
    return dict(plain) | {name: outcome for outcome, name in spread}


def test_the_settings_name_an_implementation_and_k_chooses(project):
    # From a folder below: the file is found from where the settings are.
    done = run(
        project / "folder", "-v", "-rs", "-p", "no:xdist", "-k", FEW, "--rootdir", "..", ".."
    )
    assert done.returncode == 1, done.stdout
    assert outcomes(done.stdout) == {
        "net.py:wrong::parameter_differences": "FAILED",
        "net.py:wrong::asked_twice": "PASSED",
        "net.py:wrong::one_hot_rows": "SKIPPED",
    }
    assert "(ratio 2)" in done.stdout
    assert "replay seed 0" in done.stdout
    assert "Traceback" not in done.stdout
    assert "no one_hot to check" in done.stdout
    assert "1 failed, 2 passed, 1 skipped" in done.stdout
    assert f"collected {len(CHECKS) + 1} items" in done.stdout


def test_the_option_goes_before_the_settings_and_under_xdist(project):
    done = run(project, "-v", "-n", "2", "-k", FEW, "--gradbugs", "net.py:right")
    assert done.returncode == 0, done.stdout
    assert "3 passed, 1 skipped" in done.stdout
    assert outcomes(done.stdout) == {
        "net.py:right::parameter_differences": "PASSED",
        "net.py:right::asked_twice": "PASSED",
        "net.py:right::one_hot_rows": "SKIPPED",
    }


def test_every_check_is_a_test(project):
    done = run(project, "--collect-only", "-q", "--gradbugs", "a.py:f", "--gradbugs", "b.c:f")
    names = [line for line in done.stdout.splitlines() if "::" in line]
    assert names == [
        "test_own.py::test_one_hot_rows",
        *(f"a.py:f::{name}" for name in CHECKS),
        *(f"b.c:f::{name}" for name in CHECKS),
    ]


def test_what_can_not_be_loaded_is_said_in_each_and_tried_once(project):
    (project / "net.py").write_text("import time; time.sleep(1); 1 / 0\n", encoding="utf-8")
    done = run(project, "-q", "--gradbugs", "net.py:right", "--durations=3", "--durations-min=0.5")
    assert done.returncode == 1
    assert f"{len(CHECKS)} failed" in done.stdout
    assert "ZeroDivisionError: division by zero" in done.stdout
    assert "Traceback" not in done.stdout
    assert len(re.findall(r"s call ", done.stdout)) == 1


def test_unasked_it_loads_nothing():
    code = "import sys, pytest; before = set(sys.modules); import gradbugs.pytest_plugin; "
    code += "print(*(set(sys.modules) - before))"
    done = subprocess.run(  # noqa: S603 - our own interpreter and words
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    added = set(done.stdout.split())
    assert added == {"gradbugs", "gradbugs.pytest_plugin"}


def test_unasked_it_adds_nothing(project):
    (project / "pytest.ini").write_text("[pytest]\nstrict = true\n", encoding="utf-8")
    done = run(project, "-q")
    assert done.returncode == 0
    assert "1 passed" in done.stdout
