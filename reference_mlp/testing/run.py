"""One check of one implementation, whatever the code under test does."""

from __future__ import annotations

import signal
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from threadpoolctl import ThreadpoolController

from reference_mlp.testing.evidence import Evidence, Outcome, worst
from reference_mlp.testing.implementation import Implementation
from reference_mlp.testing.registry import Check, Setting

TIME_LIMIT = 60.0
"""Seconds after which a check counts as timed out."""


class TimedOut(BaseException):
    """The check ran out of time; not an Exception, so that code under test can't swallow it."""


@dataclass(frozen=True)
class Result:
    """How one check of one implementation ended, and why."""

    check: str
    outcome: Outcome
    message: str
    evidence: Evidence | None
    setting: Setting
    seconds: float
    exception: Exception | None = None


def run_check(
    check: Check,
    implementation: Implementation,
    *,
    setting: Setting | None = None,
    time_limit: float = TIME_LIMIT,
) -> Result:
    """Return how `check` of `implementation` ends; nothing the code under test does raises here.

    A missing part is "n/a", an exception "crashed" unless something was flagged before it.
    The limit in seconds holds where the system has timers of its own (not on Windows) and in
    the main thread only.
    """
    setting = setting or Setting()
    start = time.perf_counter()
    evidence: list[Evidence] = []
    exception: Exception | None = None

    def result(outcome: Outcome, message: str, found: Evidence | None = None) -> Result:
        seconds = time.perf_counter() - start
        return Result(check.name, outcome, message, found, setting, seconds, exception)

    if missing := check.missing(implementation):
        return result(Outcome.NOT_APPLICABLE, f"no {', '.join(missing)} to check")
    try:
        with _time_limit(time_limit), _isolated_numpy():
            evidence.extend(check(implementation, setting))
    except TimedOut:
        return result(Outcome.TIMED_OUT, f"no answer within {time_limit:g} s")
    except Exception as error:  # noqa: BLE001 - whatever the code under test raises
        exception = error
    flagged = [e for e in evidence if e.outcome is Outcome.FLAGGED]
    if exception is not None and not flagged:
        return result(Outcome.CRASHED, f"{type(exception).__name__}: {exception}")
    if not evidence:
        return result(Outcome.NOT_APPLICABLE, "the implementation has nothing to measure")
    found = worst(evidence)
    return result(found.outcome, found.message, found)


@contextmanager
def _isolated_numpy() -> Iterator[None]:
    """Keep warnings and floating-point errors of the code under test to itself.

    On one BLAS thread: arrays are small, and threads that wait for each other on a busy machine
    take longer by orders than the work.
    """
    with _blas().limit(limits=1), np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@cache
def _blas() -> ThreadpoolController:
    return ThreadpoolController()


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    in_main_thread = threading.current_thread() is threading.main_thread()
    if not (hasattr(signal, "setitimer") and in_main_thread):
        yield
        return

    def expire(*_: Any) -> None:
        raise TimedOut

    before = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
