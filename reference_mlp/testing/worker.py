"""The other process: it loads a target, and makes each check in a copy of itself."""

from __future__ import annotations

import builtins
import math
import multiprocessing
import os
import random
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from reference_mlp.testing.assembly import with_training
from reference_mlp.testing.evidence import Outcome
from reference_mlp.testing.implementation import Implementation
from reference_mlp.testing.registry import CHECKS, Setting
from reference_mlp.testing.run import Result, dtype_of, in_words, run_check
from reference_mlp.testing.target import TargetError, load_target

GRACE = 1.0
"""Seconds beyond its limit before a check is killed: it may stop by itself, and say what it saw."""

# What the checks rely on, and old code likes to replace.
_LIBRARIES = (builtins, math, random, time, np, np.random, np.linalg)


@dataclass(frozen=True)
class Loaded:
    """What is known of a target once it is loaded: the parts it was lent, and its dtype."""

    lent: tuple[str, ...]
    dtype: str


def serve(connection: Connection, target: str, seconds: float, memory: int) -> None:
    """Load `target`, and answer questions of a check and a setting until there are no more.

    Sends None when it begins, then `Loaded`, or why it can't in a str, then a `Result` for each.
    """
    _alone()
    _silence()
    _hold_memory(memory)
    connection.send(None)
    # As `python -m` does: a module beside the user is found.
    sys.path.insert(0, os.getcwd())  # noqa: PTH109
    try:
        with _libraries(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            implementation = with_training(load_target(target))
            dtype = _buildable(implementation, target)
    except BaseException as error:  # noqa: BLE001 - KeyboardInterrupt too may be somebody's joke
        said = isinstance(error, TargetError)
        connection.send(str(error) if said else f"{target} raises {in_words(error)}")
        return
    _warm_up()
    connection.send(Loaded(tuple(sorted(implementation.lent)), str(dtype)))
    while True:
        try:
            name, setting = connection.recv()
        except EOFError:
            return

        def make(name: str = name, setting: Setting = setting) -> Result:
            return _made(implementation, name, setting, seconds)

        if CHECKS[name].missing(implementation):
            connection.send(make())
        elif _can_fork():
            connection.send(_copied(make, connection, name, setting, seconds, memory))
        else:
            with _libraries(), _process_state():
                result = make()
            connection.send(result)


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


def _can_fork() -> bool:
    """Say whether a copy of this process can be trusted: it has the calling thread alone."""
    tasks = Path("/proc/self/task")
    return hasattr(os, "fork") and tasks.is_dir() and len(list(tasks.iterdir())) == 1


def _copied(
    make: Callable[[], Result],
    connection: Connection,
    name: str,
    setting: Setting,
    seconds: float,
    memory: int,
) -> Result:
    """Return the result that a copy of this process makes, or how the copy ended without one.

    Whatever the code under test does to the process is gone with the copy.
    """
    start = time.perf_counter()
    ours, theirs = multiprocessing.Pipe(duplex=False)
    child = os.fork()
    if not child:
        connection.close()
        _answer(make, theirs, memory)
    theirs.close()
    answer = _received(ours, child, seconds + GRACE)
    # With the processes that it left, which are of its group.
    for kill in (os.killpg, os.kill):
        with suppress(ProcessLookupError, PermissionError):
            kill(child, signal.SIGKILL)
    with suppress(ChildProcessError):
        os.waitpid(child, 0)
    ours.close()
    if isinstance(answer, Result):
        return answer
    took = time.perf_counter() - start
    outcome = Outcome.CRASHED if isinstance(answer, int) else Outcome.TIMED_OUT
    text = ended(answer) if isinstance(answer, int) else f"no answer within {seconds:g} s"
    return Result(name, outcome, text, None, setting, took)


def _answer(make: Callable[[], Result], theirs: Connection, memory: int) -> None:
    """Send the result and leave at once: no handlers, no threads, no buffers are waited for."""
    try:
        with suppress(OSError):
            os.setpgid(0, 0)
        _hold_memory(memory)
        theirs.send(make())
    finally:
        os._exit(0)


def _received(ours: Connection, child: int, seconds: float) -> Result | int | None:
    """Return the result, the exit code where there is none, or None where there is no end."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        # Not for long at a time: what the child left running may hold the pipe open.
        if ours.poll(min(left, 0.1)):
            with suppress(Exception):  # it may be cut off, or somebody else's bytes
                if isinstance(answer := ours.recv(), Result):
                    return answer
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        ended_by = os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if ended_by is not None and not ours.poll():
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return None


def ended(code: int) -> str:
    """Return in words how a process ended, by its exit code.

    >>> ended(3), ended(-11)
    ('it ended the process, with exit status 3', 'it ended the process, by SIGSEGV')
    """
    names = {-s.value: s.name for s in signal.Signals}
    how = f"with exit status {code}" if code >= 0 else f"by {names.get(code, f'signal {-code}')}"
    return f"it ended the process, {how}"


def _alone() -> None:
    """Leave the terminal, whose interrupts are the other process's matter; allow children."""
    if hasattr(os, "setsid"):
        with suppress(OSError):
            os.setsid()
    multiprocessing.current_process().daemon = False


def _silence() -> None:
    """Send what the code prints nowhere, also what it prints past Python; let it read nothing."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115, PTH123 - for good


def _hold_memory(more: int) -> None:
    """Allow this process `more` bytes beyond what it has, and no dump of its memory on a crash."""
    try:
        import resource  # not on Windows

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (ImportError, OSError):
        return  # only Linux holds a process to its address space, and says how large it is
    most = pages * os.sysconf("SC_PAGE_SIZE") + more
    with suppress(ValueError, OSError):  # a lower limit is there already
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _warm_up() -> None:
    """Load what the checks load when they need it, once for all copies."""
    import scipy.optimize  # noqa: F401


@contextmanager
def _libraries() -> Iterator[None]:
    """Put back what the code under test may replace in libraries, for the checks."""
    errors, before = np.geterr(), [dict(vars(library)) for library in _LIBRARIES]
    try:
        yield
    finally:
        for library, names in zip(_LIBRARIES, before, strict=True):
            vars(library).update(names)
        np.seterr(**errors)


@contextmanager
def _process_state() -> Iterator[None]:
    """Put back what the code under test may change of the process, where it has no copy."""
    folder, path, environment = os.getcwd(), list(sys.path), dict(os.environ)  # noqa: PTH109
    streams = sys.stdout, sys.stderr
    try:
        yield
    finally:
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        sys.path[:] = path
        sys.stdout, sys.stderr = streams
