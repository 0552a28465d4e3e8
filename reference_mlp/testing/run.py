"""One check of one implementation, whatever the code under test does."""

from __future__ import annotations

import signal
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from threadpoolctl import ThreadpoolController

from reference_mlp._arrays import FLOAT_DTYPES
from reference_mlp.testing.evidence import Evidence, Outcome, worst
from reference_mlp.testing.implementation import Implementation, NotProvidedError
from reference_mlp.testing.registry import Check, Setting

TIME_LIMIT = 60.0
"""Seconds after which a check counts as timed out."""

PATIENCE = 3
"""Times the limit that one may take which works for less than half of it: it sleeps, or it waits
for a processor that is busy with something else.
"""


class TimedOut(BaseException):
    """The check ran out of time; not an Exception, so that code under test can't swallow it."""


@dataclass(frozen=True)
class Result:
    """How one check of one implementation ended, and why.

    `missing` names the parts that the check needs and the implementation doesn't give.
    """

    check: str
    outcome: Outcome
    message: str
    evidence: Evidence | None
    setting: Setting
    seconds: float
    exception: Exception | None = None
    missing: tuple[str, ...] = ()


def run_check(
    check: Check,
    implementation: Implementation,
    *,
    setting: Setting | None = None,
    time_limit: float = TIME_LIMIT,
) -> Result:
    """Return how `check` of `implementation` ends; nothing the code under test does raises here.

    A missing part is "n/a", an exception "crashed" and no end "timed out", unless something was
    flagged before it. The limit is that of `limited`.
    """
    setting = setting or Setting()
    start = time.perf_counter()
    evidence: list[Evidence] = []
    exception: Exception | None = None
    failure: tuple[Outcome, str] | None = None
    missing = tuple(check.missing(implementation))

    def result(outcome: Outcome, message: str, found: Evidence | None = None) -> Result:
        seconds = time.perf_counter() - start
        return Result(check.name, outcome, message, found, setting, seconds, exception, missing)

    if missing:
        return result(Outcome.NOT_APPLICABLE, f"no {', '.join(missing)} to check")
    try:
        with limited(time_limit), _isolated_numpy():
            evidence.extend(check(implementation, setting))
    except NotProvidedError as error:
        if not evidence:
            return result(Outcome.NOT_APPLICABLE, str(error))
    except TimedOut:
        failure = Outcome.TIMED_OUT, f"no answer within {time_limit:g} s"
    except SystemExit as error:
        failure = Outcome.CRASHED, in_words(error)
    except Exception as error:  # noqa: BLE001 - whatever the code under test raises
        exception = error
        failure = Outcome.CRASHED, in_words(error)
    flagged = [e for e in evidence if e.outcome is Outcome.FLAGGED]
    if failure is not None and not flagged:
        return result(*failure)
    if not evidence:
        return result(Outcome.NOT_APPLICABLE, "it has nothing that this measures")
    found = worst(evidence)
    return result(found.outcome, found.message, found)


def in_words(error: BaseException) -> str:
    """Return the kind of an exception and its text, which may itself not be had.

    >>> in_words(ValueError("no such digit"))
    'ValueError: no such digit'
    """
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - somebody's own __str__
        text = "(its text can't be had)"
    return f"{type(error).__name__}: {text}"


def dtype_of(implementation: Implementation) -> np.dtype[Any]:
    """Return the dtype to check in where none is asked for: float64 unless that can't be built.

    Raises what the code under test raises when it builds a network.
    """
    if implementation.make_network is None or not implementation.problems:
        return np.dtype(np.float64)
    for dtype in FLOAT_DTYPES[::-1]:
        problem = implementation.problems[0]
        with suppress(NotProvidedError), _isolated_numpy():
            problem.build(implementation.make_network, dtype=dtype, rng=np.random.default_rng(0))
            return np.dtype(dtype)
    return np.dtype(np.float64)


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
def limited(seconds: float) -> Iterator[None]:
    """Raise TimedOut inside when it takes longer, or PATIENCE times that where it hardly works.

    Only where the system has timers of its own (not on Windows), and in the main thread.
    """
    in_main_thread = threading.current_thread() is threading.main_thread()
    if not (hasattr(signal, "setitimer") and in_main_thread):
        yield
        return

    start, alarms = time.process_time(), 0

    def expire(*_: Any) -> None:
        nonlocal alarms
        # However long the process was stopped, one alarm has come of it.
        alarms += 1
        if alarms >= PATIENCE or time.process_time() - start >= seconds / 2:
            raise TimedOut

    before = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, seconds, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
