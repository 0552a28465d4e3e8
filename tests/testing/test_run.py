"""Running a check: whatever the code under test does, there is an answer."""

from __future__ import annotations

import time
import warnings

import numpy as np
import pytest

import reference_mlp
from reference_mlp.testing import CHECKS, Check, Evidence, Outcome, assemble, check, run_check
from reference_mlp.testing import registry as registry_module


def made(function, *needs):
    return Check(function.__name__, "TST", "a test", needs, function)


def measure(value, threshold=1.0):
    def body(at):
        yield Evidence(value, threshold, "here", "a sentence")

    return run_check(made(body), assemble())


@pytest.mark.parametrize(
    ("value", "outcome"),
    [
        (0.5, Outcome.PASSED),
        (1.0, Outcome.PASSED),
        (1.5, Outcome.FLAGGED),
        (np.inf, Outcome.FLAGGED),
        (np.nan, Outcome.FLAGGED),
    ],
)
def test_a_measurement_is_held_against_its_threshold_and_nan_is_no_pass(value, outcome):
    assert measure(value).outcome is outcome


def test_the_worst_of_several_measurements_decides():
    def body(at):
        yield Evidence(0.1, 1.0, "a", "fine")
        yield Evidence(7.0, 1.0, "b", "bad")
        yield Evidence(np.nan, 1.0, "c", "worse")
        yield Evidence(0.9, 1.0, "d", "fine")

    result = run_check(made(body), assemble())
    assert result.outcome is Outcome.FLAGGED
    assert result.evidence.where == "c"


def test_inconclusive_is_neither_a_pass_nor_a_flag():
    def body(at):
        yield Evidence(0.1, 1.0, "a", "fine")
        yield Evidence(5.0, 1.0, "b", "can't tell", inconclusive=True)

    assert run_check(made(body), assemble()).outcome is Outcome.INCONCLUSIVE


def test_an_exception_of_the_code_under_test_is_a_crash_that_says_what_was_raised():
    def body(at):
        yield Evidence(0.1, 1.0, "a", "fine")
        return 1 / 0

    result = run_check(made(body), assemble())
    assert result.outcome is Outcome.CRASHED
    assert result.message == "ZeroDivisionError: division by zero"


def test_what_was_flagged_before_a_crash_is_kept():
    def body(at):
        yield Evidence(9.0, 1.0, "a", "bad")
        raise ZeroDivisionError

    assert run_check(made(body), assemble()).outcome is Outcome.FLAGGED


@pytest.mark.parametrize("pause", [0, 0.01], ids=["at work", "asleep"])
def test_an_endless_loop_times_out_even_where_the_code_catches_every_exception(pause):
    def body(at):
        while True:
            try:
                time.sleep(pause)
            except Exception:  # noqa: BLE001, S112 - the point
                continue
        yield

    result = run_check(made(body), assemble(), time_limit=0.2)
    assert result.outcome is Outcome.TIMED_OUT


def test_what_waits_for_a_busy_machine_is_given_more_time():
    def body(at):
        time.sleep(0.3)
        yield Evidence(0.1, 1.0, "a", "fine")

    assert run_check(made(body), assemble(), time_limit=0.2).outcome is Outcome.PASSED


def test_a_missing_part_is_not_applicable_and_named():
    lonely = reference_mlp.testing.Implementation(name="lonely")
    result = run_check(CHECKS["convergence"], lonely)
    assert result.outcome is Outcome.NOT_APPLICABLE
    assert "make_network" in result.message


def test_warnings_and_error_state_of_the_code_under_test_stay_its_own():
    def body(at):
        np.seterr(all="raise")
        warnings.warn("loud", stacklevel=1)
        yield Evidence(0.0, 1.0, "a", "fine")

    before = np.geterr()
    assert run_check(made(body), assemble()).outcome is Outcome.PASSED
    assert np.geterr() == before


def test_every_check_says_what_it_does_and_what_it_needs():
    for known in CHECKS.values():
        assert known.summary.endswith(".")
        assert known.needs
        assert 2 <= len(known.code) <= 3


def test_a_check_can_be_added_and_not_twice(monkeypatch):
    monkeypatch.setattr(registry_module, "CHECKS", dict(CHECKS))

    def my_own(at, softmax):
        """The softmax of zeros is uniform."""
        yield Evidence(float(np.ptp(softmax(np.zeros((1, 3))))), 0.0, "softmax", "not uniform")

    check("OWN")(my_own)
    added = registry_module.CHECKS["my_own"]
    assert added.needs == ("softmax",)
    assert run_check(added, assemble()).outcome is Outcome.PASSED
    with pytest.raises(ValueError, match="my_own or its code OWN is registered already"):
        check("OWN")(my_own)


def test_a_check_of_an_unknown_part_is_refused():
    def odd(at, flux_capacitor):
        yield

    with pytest.raises(TypeError, match=r"odd needs unknown parts \['flux_capacitor'\]"):
        check("ODD")(odd)


def test_an_unknown_part_can_not_be_replaced():
    with pytest.raises(TypeError, match=r"unknown parts \['softmaxx'\], expected some of"):
        assemble(softmaxx=None)
