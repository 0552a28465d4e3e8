"""`parametrize_with_checks`, in a run of pytest of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from reference_mlp.testing import CHECKS, Evidence, Outcome, Result, Setting
from reference_mlp.testing.parametrize import CheckFailed, judge, parametrize_with_checks
from tests.own import nets

MINE = """
from reference_mlp.testing import Implementation
from reference_mlp.testing.parametrize import parametrize_with_checks
from tests.own import nets

def named(name, make_network):
    return Implementation(name=name, make_network=make_network)

@parametrize_with_checks(
    [named("mine", nets.wrong), named("mine", nets.right), nets.single],
    expected_failures={"parameter_differences": "twice, on purpose", "asked_twice": "stale",
                       "one_hot_rows": "there is none"},
)
def test_net(check):
    check()
"""


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder, root = tmp_path_factory.mktemp("mine"), Path(nets.__file__).parents[2]
    (folder / "test_mine.py").write_text(MINE, encoding="utf-8")
    (folder / "pytest.ini").write_text(
        f"[pytest]\nstrict = true\nfilterwarnings = error\npythonpath = {root}\n",
        encoding="utf-8",
    )
    names = "parameter_differences or asked_twice or one_hot_rows or certified or shapes"
    options = [
        "-pno:cacheprovider",
        "-pno:xdist",
        "-pno:hypothesispytest",
        "-v",
        "-rsx",
        "-k",
        names,
    ]
    return subprocess.run(  # noqa: S603 - our own interpreter and words
        [sys.executable, "-m", "pytest", *options],
        cwd=folder,
        env=os.environ | {"PYTEST_ADDOPTS": ""},  # those of the run around it are not for this one
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    ).stdout


def outcome(text, test):
    return re.search(rf"test_net\[{test}\] (\w+)", text).group(1)


def test_each_check_has_a_readable_id_of_its_own(done):
    ids = re.findall(r"test_net\[(\S+)\] [A-Z]", done)
    prefixes = {name.partition("-")[0] for name in ids}
    assert prefixes == {"mine", "mine_2", "single"}
    assert len(ids) == len(set(ids)) == 15


def test_an_expected_failure_fails_and_tells_why(done):
    assert outcome(done, "mine-parameter_differences") == "XFAIL"
    assert "twice, on purpose" in done


def test_an_expected_failure_that_passes_is_a_failure(done):
    assert outcome(done, "mine_2-parameter_differences") == "FAILED"
    assert outcome(done, "mine-asked_twice") == "FAILED"
    assert "[XPASS(strict)] stale" in done


def test_a_failure_nobody_expected_shows_its_evidence_and_no_line_of_ours(done):
    assert outcome(done, "mine-certified_gradients") == "FAILED"
    assert "CheckFailed: flagged:" in done
    assert "run_check(" not in done


def test_what_is_not_there_is_skipped_with_the_reason_expected_or_not(done):
    assert outcome(done, "mine-one_hot_rows") == "SKIPPED"
    assert "n/a: no one_hot to check" in done


def test_a_network_of_one_dtype_is_judged_in_it(done):
    assert outcome(done, "single-shapes_and_dtypes") == "PASSED"
    assert outcome(done, "single-certified_gradients") == "PASSED"


def test_an_unknown_check_in_the_expected_failures_is_refused():
    with pytest.raises(KeyError, match="expected_failures names"):
        parametrize_with_checks([], expected_failures={"no_such_check": "why"})


@pytest.mark.parametrize("bad", [Outcome.FLAGGED, Outcome.CRASHED, Outcome.TIMED_OUT])
def test_an_alarm_is_a_failure_in_one_line(bad):
    evidence = Evidence(2.0, 1.0, "here", "a\x1b[31m\nsentence")
    found = Result(next(iter(CHECKS)), bad, "a\x1b[31m\nsentence", evidence, Setting(7), 0.0)
    with pytest.raises(CheckFailed) as caught:
        judge(found)
    assert str(caught.value) == (
        rf"{bad}: a\x1b[31m sentence; measured 2, threshold 1; replay seed 7"
    )


def test_a_pass_passes_and_what_says_nothing_is_skipped():
    judge(Result("a", Outcome.PASSED, "", None, Setting(), 0.0))
    for silent in (Outcome.NOT_APPLICABLE, Outcome.INCONCLUSIVE):
        with pytest.raises(pytest.skip.Exception, match="nothing to see"):
            judge(Result("a", silent, "nothing to see", None, Setting(), 0.0))
