"""What code under test may do to the process that it runs in, kept within bounds or put back."""

from __future__ import annotations

import builtins
import math
import multiprocessing
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

# What the checks rely on, and old code likes to replace.
_LIBRARIES = (builtins, math, random, time, np, np.random, np.linalg)


def can_fork() -> bool:
    """Say whether a copy of this process can be trusted: it has the calling thread alone."""
    tasks = Path("/proc/self/task")
    return hasattr(os, "fork") and tasks.is_dir() and len(list(tasks.iterdir())) == 1


def ended(code: int) -> str:
    """Return in words how a process ended, by its exit code.

    >>> ended(3), ended(-11)
    ('it ended the process, with exit status 3', 'it ended the process, by SIGSEGV')
    """
    names = {-s.value: s.name for s in signal.Signals}
    how = f"with exit status {code}" if code >= 0 else f"by {names.get(code, f'signal {-code}')}"
    return f"it ended the process, {how}"


def alone() -> None:
    """Leave the terminal, whose interrupts are the other process's matter; allow children."""
    if hasattr(os, "setsid"):
        with suppress(OSError):
            os.setsid()
    multiprocessing.current_process().daemon = False


def silence() -> None:
    """Send what the code prints nowhere, also what it prints past Python; let it read nothing."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115, PTH123 - for good


def hold_memory(more: int) -> None:
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


def hold_time(more: float) -> None:
    """Allow this process `more` seconds of work, to the next whole one; SIGXCPU ends it."""
    try:
        import resource  # not on Windows
    except ImportError:
        return
    most = math.ceil(time.process_time() + more)
    with suppress(ValueError, OSError):  # a lower limit is there already
        resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))


@contextmanager
def libraries() -> Iterator[None]:
    """Put back what the code under test may replace in libraries, for the checks."""
    errors, before = np.geterr(), [dict(vars(library)) for library in _LIBRARIES]
    try:
        yield
    finally:
        for library, names in zip(_LIBRARIES, before, strict=True):
            vars(library).update(names)
        np.seterr(**errors)


@contextmanager
def process_state() -> Iterator[None]:
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
