"""A right network whose loss misbehaves as the file named in its environment says; a target."""

import atexit
import builtins
import ctypes
import itertools
import os
import re
import signal
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import numpy as np

from reference_mlp import mlp

if os.environ.get("TRICKS_THREAD"):
    # With a second thread the process can't be copied.
    threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()


TRICK = Path(os.environ.get("TRICK", "trick"))


class UnspeakableError(Exception):
    def __str__(self):
        raise ValueError


def loop():
    while True:
        pass


def swallow():
    while True:
        try:
            loop()
        except BaseException:  # noqa: BLE001, S112
            continue


def stop():
    TRICK.write_text("none", encoding="utf-8")  # once is enough
    awake = f"sleep 1.5; kill -CONT {os.getpid()}"
    subprocess.Popen(["sh", "-c", awake])  # noqa: S603, S607
    os.kill(os.getpid(), signal.SIGSTOP)


def warn():
    for i in range(3000):
        warnings.warn(f"warning {i}", stacklevel=1)


def flood():
    line = "x" * 2**20
    for _ in range(100):
        print(line)  # noqa: T201
        os.write(1, line.encode())


def change_state():
    os.chdir("/")
    np.seterr(all="raise")
    os.environ.clear()
    sys.path.clear()
    sys.stdout = None


def patch(module, name):
    return lambda: setattr(module, name, None)


def leave_child():
    child = subprocess.Popen(["sleep", "3600"])  # noqa: S607
    TRICK.with_name("child").write_text(str(child.pid), encoding="utf-8")


def creep():
    kept = []
    while True:
        kept.append(np.ones(10**6))


def recurse():
    recurse()


def recurse_without_limit():
    sys.setrecursionlimit(10**9)

    class Deep:
        def __getattr__(self, name):
            return getattr(self, name + "x")

    _ = Deep().x


def raise_(error):
    raise error


TRICKS = {
    "none": lambda: None,
    "endless loop": loop,
    "endless loop that catches everything": swallow,
    "endless loop in C": lambda: sum(itertools.repeat(1)),
    "regular expression": lambda: re.match(r"(a+)+$", "a" * 60 + "b"),
    "sleep": lambda: time.sleep(3600),
    "stopped for longer than the limit": stop,
    "os._exit": lambda: os._exit(3),
    "os._exit(0)": lambda: os._exit(0),
    "os.abort": os.abort,
    "segfault": lambda: ctypes.string_at(0),
    "killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "sys.exit": lambda: sys.exit("bye"),
    "interrupt": lambda: raise_(KeyboardInterrupt()),
    "unspeakable": lambda: raise_(UnspeakableError()),
    "long message": lambda: raise_(ValueError("x" * 10**7)),
    "warnings": warn,
    "output": flood,
    "state": change_state,
    "np.random.seed": patch(np.random, "seed"),
    "np.random.default_rng": patch(np.random, "default_rng"),
    "np.abs": patch(np, "abs"),
    "builtin": patch(builtins, "float"),
    "atexit": lambda: atexit.register(time.sleep, 3600),
    "threads": lambda: threading.Thread(target=time.sleep, args=(3600,)).start(),
    "child": leave_child,
    "MemoryError": lambda: raise_(MemoryError()),
    "huge allocation": lambda: np.ones(10**11),
    "creeping allocation": creep,
    "recursion": recurse,
    "recursion without limit": recurse_without_limit,
    "files closed": lambda: os.closerange(3, 256),
    "signals": lambda: signal.signal(signal.SIGALRM, signal.SIG_IGN),
    "input": lambda: raise_(EOFError()) if os.read(0, 1) == b"" else None,
}


def make_network(sizes, *, activation, loss, l2, dtype, rng):
    network = mlp(sizes, activation=activation, loss=loss, l2=l2, dtype=dtype, rng=rng)
    honest = network.loss

    def tricky(X, y):
        TRICKS[TRICK.read_text(encoding="utf-8")]()
        return honest(X, y)

    network.loss = tricky
    return network
