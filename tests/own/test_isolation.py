"""Somebody's code in a process of its own: what it does costs its own check, and no more."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from reference_mlp.testing import Outcome
from reference_mlp.testing.isolation import Isolated, Limits
from reference_mlp.testing.target import TargetError

TARGET = f"{Path(__file__).with_name('tricks.py')}:make_network"
LIMITS = Limits(seconds=0.5, memory=2**30)
linux = pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux alone")

# What the check may come to: where the harm is done to what comes after, it passes.
TIMED_OUT, CRASHED, PASSED = {Outcome.TIMED_OUT}, {Outcome.CRASHED}, {Outcome.PASSED}
EXPECTED = {
    "endless loop": TIMED_OUT,
    "endless loop that catches everything": TIMED_OUT,
    "endless loop in C": TIMED_OUT,
    "regular expression": TIMED_OUT,
    "sleep": TIMED_OUT,
    "stopped for longer than the limit": PASSED,
    "os._exit": CRASHED,
    "os._exit(0)": CRASHED,
    "os.abort": CRASHED,
    "segfault": CRASHED,
    "killed": CRASHED,
    "sys.exit": CRASHED,
    "interrupt": CRASHED,
    "unspeakable": CRASHED,
    "long message": CRASHED,
    "warnings": PASSED,
    "output": PASSED | TIMED_OUT,
    "state": PASSED,
    "np.random.seed": PASSED,
    "np.random.default_rng": PASSED | CRASHED,
    "np.abs": PASSED | CRASHED,
    "builtin": PASSED | CRASHED,
    "atexit": PASSED,
    "threads": PASSED,
    "child": PASSED,
    "MemoryError": CRASHED,
    "huge allocation": CRASHED,
    "recursion": CRASHED,
    "recursion without limit": CRASHED,
    "files closed": CRASHED,
    "signals": PASSED,
    "input": CRASHED,
}


@pytest.fixture(scope="module")
def trick(tmp_path_factory):
    """The file that says how the network under test misbehaves."""
    file = tmp_path_factory.mktemp("tricks") / "trick"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRICK", str(file))
        yield file


@pytest.fixture(scope="module")
def isolated(trick):
    trick.write_text("none", encoding="utf-8")
    found = Isolated(TARGET, LIMITS)
    yield found
    found.close()


def run(isolated, trick, name):
    trick.write_text(name, encoding="utf-8")
    return isolated.run("asked_twice")


@linux
@pytest.mark.parametrize("name", EXPECTED)
def test_what_a_network_does_costs_its_own_check_alone(isolated, trick, name):
    isolated.load()
    start = time.perf_counter()
    result = run(isolated, trick, name)
    assert result.outcome in EXPECTED[name], result.message
    assert result.message
    following = run(isolated, trick, "none")
    assert following.outcome is Outcome.PASSED, following.message
    # No process was started anew, and nothing was waited for beyond the limit and its grace.
    assert time.perf_counter() - start < 10


@linux
def test_a_crash_says_how_the_process_ended(isolated, trick):
    assert "with exit status 3" in run(isolated, trick, "os._exit").message
    assert "by SIGSEGV" in run(isolated, trick, "segfault").message
    assert run(isolated, trick, "sys.exit").message == "SystemExit: bye"
    assert run(isolated, trick, "unspeakable").message.startswith("UnspeakableError: (its text")


@linux
def test_memory_is_limited(trick):
    trick.write_text("none", encoding="utf-8")
    small = Isolated(TARGET, Limits(seconds=20, memory=2**28))
    try:
        assert run(small, trick, "creeping allocation").message.startswith("MemoryError")
        assert run(small, trick, "none").outcome is Outcome.PASSED
    finally:
        small.close()


@linux
def test_a_child_that_is_left_running_is_ended(isolated, trick):
    run(isolated, trick, "child")
    pid = int(trick.with_name("child").read_text(encoding="utf-8"))
    assert gone(pid)


def gone(pid):
    """Whether the process ends within a second or two; a zombie has."""
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2]
        except FileNotFoundError:
            return True
        if state.split()[0] == "Z":
            return True
        time.sleep(0.02)
    return False


@linux
def test_closing_ends_what_is_running(trick, monkeypatch):
    trick.write_text("none", encoding="utf-8")
    other = Isolated(TARGET, LIMITS)
    other.load()
    pid = other._worker.process.pid
    other.close()
    assert gone(pid)
    other.close()  # a second time does no harm


@pytest.mark.parametrize("name", ["os._exit", "endless loop in C", "state", "np.random.seed"])
def test_a_process_that_can_not_be_copied_is_put_right_or_started_anew(trick, monkeypatch, name):
    monkeypatch.setenv("TRICKS_THREAD", "1")
    trick.write_text("none", encoding="utf-8")
    threaded = Isolated(TARGET, LIMITS)
    try:
        assert run(threaded, trick, name).outcome in EXPECTED[name]
        following = run(threaded, trick, "none")
        assert following.outcome is Outcome.PASSED, following.message
    finally:
        threaded.close()


def test_what_can_not_be_loaded_again_is_a_crash(tmp_path):
    target = tmp_path / "once.py"
    target.write_text(
        "import os, pathlib, threading, time\n"
        "threading.Thread(target=time.sleep, args=(99,), daemon=True).start()\n"
        "from reference_mlp import mlp\n"
        "def make_network(sizes, *, activation, loss, l2, dtype, rng):\n"
        "    net = mlp(sizes, activation=activation, loss=loss, l2=l2, dtype=dtype, rng=rng)\n"
        "    def leave(X, y):\n"
        "        pathlib.Path(__file__).unlink()\n"
        "        os._exit(1)\n"
        "    net.loss = leave\n"
        "    return net\n",
        encoding="utf-8",
    )
    isolated = Isolated(f"{target}:make_network", LIMITS)
    try:
        assert "exit status 1" in isolated.run("asked_twice").message
        result = isolated.run("asked_twice")
        assert result.outcome is Outcome.CRASHED
        assert "there is no file" in result.message
        assert isolated.call(name_of, "!") is None
    finally:
        isolated.close()


ONE_MESSAGE = {
    "while True: pass": "is not loaded in 1 s",
    "import os; os._exit(4)": "can't be loaded: it ended the process, with exit status 4",
    "import ctypes; ctypes.string_at(0)": "can't be loaded: it ended the process, by SIGSEGV",
    "import sys; sys.exit(2)": "SystemExit: 2",
    "raise KeyboardInterrupt": "KeyboardInterrupt",
    "def make_network(:": "is no Python",
    "def make_network(sizes, *, activation, loss, l2, dtype, rng): return 3": "builds no network",
    "def make_network(sizes, *, activation, loss, l2, dtype, rng): exit(3)": "SystemExit: 3",
}


@pytest.mark.parametrize("source", ONE_MESSAGE)
def test_what_can_not_be_loaded_is_one_message(tmp_path, source):
    file = tmp_path / "net.py"
    file.write_text(source, encoding="utf-8")
    isolated = Isolated(f"{file}:make_network", Limits(loading=1.0))
    with pytest.raises(TargetError) as caught:
        isolated.load()
    isolated.close()
    message = str(caught.value)
    assert ONE_MESSAGE[source] in message
    assert "Traceback" not in message
    assert "net.py" in message


@linux
def test_a_function_is_called_with_the_implementation(isolated, trick):
    trick.write_text("none", encoding="utf-8")
    assert isolated.call(name_of, "!").endswith("tricks.py:make_network!")
    assert isolated.call(os._exit, 3) is None
    assert isolated.call(sum) is None
    assert isolated.call(unspeakable) is None
    assert isolated.run("asked_twice").outcome is Outcome.PASSED


def name_of(implementation, ending):
    return implementation.name + ending


def unspeakable(implementation):
    return lambda: None
