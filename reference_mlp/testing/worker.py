"""The other process: it loads a target, and makes each check in a copy of itself."""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

from reference_mlp.testing.adapters.stubs import stand_ins
from reference_mlp.testing.assembly import with_training
from reference_mlp.testing.evidence import Outcome
from reference_mlp.testing.implementation import Implementation
from reference_mlp.testing.registry import CHECKS, Setting
from reference_mlp.testing.run import PATIENCE, Result, dtype_of, in_words, run_check
from reference_mlp.testing.surroundings import (
    alone,
    can_fork,
    ended,
    hold_memory,
    hold_time,
    libraries,
    process_state,
    silence,
)
from reference_mlp.testing.target import TargetError, load_target

GRACE = 1.0
"""Seconds beyond its limit before a check is killed: it may stop by itself, and say what it saw."""

WAIT = 0.1
"""Seconds to wait for an answer at a time: what a check left running may hold its pipe open.

Limits are counted in waits, since a clock goes on while the machine stands still.
"""


@dataclass(frozen=True)
class Loaded:
    """What is known of a target once it is loaded.

    The parts it was lent, its dtype, and the packages that are not installed and that something
    that does nothing stands in for.
    """

    lent: tuple[str, ...]
    dtype: str
    stand_ins: tuple[str, ...] = ()


@dataclass(frozen=True)
class Call:
    """A question other than a check: what `function(implementation, *arguments)` returns."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]


@dataclass(frozen=True)
class Answer:
    """What a call returned, or in words why it returned nothing."""

    value: Any = None
    failure: str = ""


def serve(connection: Connection, target: str, seconds: float, memory: int) -> None:
    """Load `target`, and answer questions until there are no more.

    Sends None when it begins, then `Loaded`, or why it can't in a str, then a `Result` for each
    check and setting, and an `Answer` for each `Call`.
    """
    alone()
    silence()
    hold_memory(memory)
    connection.send(None)
    # As `python -m` does: a module beside the user is found.
    sys.path.insert(0, os.getcwd())  # noqa: PTH109
    try:
        with libraries(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            implementation = with_training(load_target(target))
            dtype = _buildable(implementation, target)
    except BaseException as error:  # noqa: BLE001 - KeyboardInterrupt too may be somebody's joke
        said = isinstance(error, TargetError)
        connection.send(str(error) if said else f"{target} raises {in_words(error)}")
        return
    _warm_up()
    connection.send(Loaded(tuple(sorted(implementation.lent)), str(dtype), stand_ins()))
    while True:
        try:
            question = connection.recv()
        except EOFError:
            return
        make = partial(_reply, implementation, question, seconds)
        if not isinstance(question, Call) and CHECKS[question[0]].missing(implementation):
            reply = make()
        elif can_fork():
            reply = _copied(make, connection, question, seconds, memory)
        else:
            with libraries(), process_state():
                reply = make()
        _send(connection, reply)


def _reply(
    implementation: Implementation, question: Call | tuple[str, Setting], seconds: float
) -> Result | Answer:
    if isinstance(question, Call):
        try:
            return Answer(question.function(implementation, *question.arguments))
        except BaseException as error:  # noqa: BLE001 - KeyboardInterrupt too may be somebody's joke
            return Answer(failure=in_words(error))
    return _made(implementation, *question, seconds)


def _buildable(implementation: Implementation, target: str) -> str:
    """Return the dtype that its networks are checked in; raise TargetError where none is built."""
    try:
        return str(dtype_of(implementation))
    except (Exception, SystemExit) as error:
        msg = f"{target} builds no network: {in_words(error)}"
        raise TargetError(msg) from error


def _made(implementation: Implementation, name: str, setting: Setting, seconds: float) -> Result:
    """Return the result of a check; what is no Exception, an interrupt say, is a crash as well.

    It comes without the exception itself: the other process may not have its class.
    """
    start = time.perf_counter()
    try:
        result = run_check(CHECKS[name], implementation, setting=setting, time_limit=seconds)
    except BaseException as error:  # noqa: BLE001
        took = time.perf_counter() - start
        return Result(name, Outcome.CRASHED, in_words(error), None, setting, took)
    return replace(result, exception=None)


def _copied(
    make: Callable[[], Result | Answer],
    connection: Connection,
    question: Call | tuple[str, Setting],
    seconds: float,
    memory: int,
) -> Result | Answer:
    """Return the reply that a copy of this process makes, or how the copy ended without one.

    Whatever the code under test does to the process is gone with the copy.
    """
    start = time.perf_counter()
    ours, theirs = multiprocessing.Pipe(duplex=False)
    child = os.fork()
    if not child:
        connection.close()
        _answer(make, theirs, seconds, memory)
    theirs.close()
    answer = _received(ours, child, PATIENCE * seconds + GRACE)
    if answer == -signal.SIGXCPU:
        answer = None
    # With the processes that it left, which are of its group.
    for kill in (os.killpg, os.kill):
        with suppress(ProcessLookupError, PermissionError):
            kill(child, signal.SIGKILL)
    with suppress(ChildProcessError):
        os.waitpid(child, 0)
    ours.close()
    if isinstance(answer, Result | Answer):
        return answer
    text = ended(answer) if isinstance(answer, int) else f"no answer within {seconds:g} s"
    if isinstance(question, Call):
        return Answer(failure=text)
    name, setting = question
    took = time.perf_counter() - start
    outcome = Outcome.CRASHED if isinstance(answer, int) else Outcome.TIMED_OUT
    return Result(name, outcome, text, None, setting, took)


def _answer(
    make: Callable[[], Result | Answer], theirs: Connection, seconds: float, memory: int
) -> None:
    """Send the result and leave at once: no handlers, no threads, no buffers are waited for."""
    try:
        with suppress(OSError):
            os.setpgid(0, 0)
        hold_memory(memory)
        hold_time(seconds + GRACE)
        _send(theirs, make())
    finally:
        os._exit(0)


def _send(connection: Connection, reply: Result | Answer) -> None:
    try:
        connection.send(reply)
    except Exception as error:
        # Made into bytes first: what can't be was not begun to be sent.
        if not isinstance(reply, Answer):
            raise
        connection.send(Answer(failure=f"its answer can't be sent: {in_words(error)}"))


def _received(ours: Connection, child: int, seconds: float) -> Result | Answer | int | None:
    """Return the reply, the exit code where there is none, or None where there is no end."""
    for _ in range(math.ceil(seconds / WAIT)):
        if ours.poll(WAIT):
            with suppress(Exception):  # it may be cut off, or somebody else's bytes
                if isinstance(answer := ours.recv(), Result | Answer):
                    return answer
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        ended_by = os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if ended_by is not None and not ours.poll():
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return None


def _warm_up() -> None:
    """Load what the checks load when they need it, once for all copies."""
    import scipy.optimize  # noqa: F401
