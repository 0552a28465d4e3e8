"""Checks in a process of its own, which somebody's code may end, hang or flood as it likes."""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from reference_mlp.testing.evidence import Outcome
from reference_mlp.testing.registry import Setting
from reference_mlp.testing.run import PATIENCE, TIME_LIMIT, Result
from reference_mlp.testing.surroundings import ended
from reference_mlp.testing.target import TargetError
from reference_mlp.testing.worker import GRACE, WAIT, Answer, Call, Loaded, serve

T = TypeVar("T")

MEMORY_LIMIT = 4 * 2**30
"""Bytes of address space that a check may take beyond what its process has at its start."""

# One thread for each library: small arrays gain nothing by more, and a process of one thread can
# be copied for each check.
_ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@dataclass(frozen=True)
class Limits:
    """What a check may take: seconds, and bytes of memory where the system can hold one to it.

    `loading` is how many seconds it may take to import the target and to build a network.
    """

    seconds: float = TIME_LIMIT
    memory: int = MEMORY_LIMIT
    loading: float = 60.0
    starting: float = 120.0


class Isolated:
    """The implementation that `target` names, in a process of its own.

    A check that hangs, ends the process or takes too much memory costs its own result alone. The
    process is started by `start` or the first call; `close` ends it.
    """

    def __init__(self, target: str, limits: Limits | None = None) -> None:
        self.target, self.limits = target, limits or Limits()
        self._worker: _Worker | None = None
        self._loaded: Loaded | None = None

    def start(self) -> None:
        """Start the process, which loads the target while something else is done here."""
        if self._worker is None:
            self._worker = _Worker(self.target, self.limits)

    def load(self) -> Loaded:
        """Load the target and return what is known of it.

        Raises TargetError, in words, for a target that can't be loaded within the limit.
        """
        self.start()
        assert self._worker is not None  # noqa: S101 - just started
        if self._worker.loaded is None:
            try:
                self._loaded = self._worker.load()
            except BaseException:
                self.close()
                raise
        assert self._loaded is not None  # noqa: S101 - there is a worker, so it has loaded
        return self._loaded

    def run(self, check: str, setting: Setting | None = None) -> Result:
        """Return the result of a check, by its name; where no setting is given, in its own dtype.

        Raises TargetError, in words, where the target has not been loaded and can't be.
        """
        start, before = time.perf_counter(), self._loaded
        try:
            loaded = self.load()
        except TargetError as error:
            if before is None:
                raise
            # It could be loaded once: what was checked since has spoilt something.
            return Result(check, Outcome.CRASHED, str(error), None, setting or Setting(), 0.0)
        setting = setting or Setting(dtype=np.dtype(loaded.dtype))
        assert self._worker is not None  # noqa: S101 - just loaded
        answer = self._worker.ask((check, setting))
        if isinstance(answer, Result):
            return answer
        self.close()
        outcome = Outcome.TIMED_OUT if answer is None else Outcome.CRASHED
        text = f"no answer within {self.limits.seconds:g} s" if answer is None else str(answer)
        return Result(check, outcome, text, None, setting, time.perf_counter() - start)

    def call(self, function: Callable[..., T], *arguments: Any) -> T | None:
        """Return what `function(implementation, *arguments)` returns in the process.

        None where it raises, hangs or ends the process, or where its value can't be sent here.
        Raises TargetError as `run` does.
        """
        found: T | None = self.reply(function, *arguments).value
        return found

    def reply(self, function: Callable[..., Any], *arguments: Any) -> Answer:
        """Return what `call` does as an `Answer`, which says why where there is none."""
        before = self._loaded
        try:
            self.load()
        except TargetError as error:
            if before is None:
                raise
            return Answer(failure=str(error))
        assert self._worker is not None  # noqa: S101 - just loaded
        answer = self._worker.ask(Call(function, arguments))
        if isinstance(answer, Answer):
            return answer
        self.close()
        return Answer(failure=str(answer or f"no answer within {self.limits.seconds:g} s"))

    def close(self) -> None:
        """End the process, and what it has started."""
        if self._worker is not None:
            self._worker.end()
            self._worker = None


class _Worker:
    """A process that loads the target, and answers one question after another."""

    def __init__(self, target: str, limits: Limits) -> None:
        self.target, self.limits = target, limits
        self.loaded: Loaded | None = None
        spawn = multiprocessing.get_context("spawn")
        self.connection, theirs = spawn.Pipe()
        self.process = spawn.Process(
            target=serve, args=(theirs, target, limits.seconds, limits.memory), daemon=True
        )
        with _environment(_ONE_THREAD), _interrupts_ignored():
            self.process.start()
        theirs.close()

    def load(self) -> Loaded:
        """Wait for the target to be loaded; raise TargetError where it isn't."""
        try:
            # Its first word is that it begins: how long Python takes to start isn't the target's.
            answer = self._answer(self.limits.starting) or self._answer(self.limits.loading)
        except EOFError as error:
            msg = f"{self.target} can't be loaded: {error}"
            raise TargetError(msg) from error
        if isinstance(answer, Loaded):
            self.loaded = answer
            return answer
        raise TargetError(answer or f"{self.target} is not loaded in {self.limits.loading:g} s")

    def ask(self, question: Any) -> Any:
        """Return the answer, None if there is none in time, or how the process ended, in words."""
        try:
            self.connection.send(question)
            # Its own limits come first where they can.
            return self._answer(PATIENCE * self.limits.seconds + 2 * GRACE)
        except (EOFError, OSError) as error:
            return str(error) if isinstance(error, EOFError) else self._how_it_ended()

    def _answer(self, seconds: float) -> Any:
        """Return the next answer, None where there is none in time; raise EOFError at the end."""
        for _ in range(math.ceil(seconds / WAIT)):
            if self.connection.poll(WAIT):
                try:
                    return self.connection.recv()
                except Exception as error:  # cut off, or somebody else's bytes
                    raise EOFError(self._how_it_ended()) from error
            if not self.process.is_alive() and not self.connection.poll():
                raise EOFError(self._how_it_ended())
        return None

    def _how_it_ended(self) -> str:
        self.process.join(GRACE)
        code = self.process.exitcode
        return "it broke the connection" if code is None else ended(code)

    def end(self) -> None:
        """Kill the process, which may be deaf to anything less, and those of its session."""
        self.process.kill()
        self.process.join()
        for pid in _session(self.process.pid):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        self.connection.close()


def _session(leader: int | None) -> list[int]:
    """Return the processes of the session of `leader`, where the system tells."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # After the name, which may hold anything: state, parent, group, session.
            fields = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            if int(fields[3]) == leader:
                found.append(int(path.parent.name))
    return found


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Start a process that ignores interrupts, from its first moment on: they are ours."""
    try:
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    except ValueError:  # not the main thread, which alone may say
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """Hand environment variables to a process that is started meanwhile."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
