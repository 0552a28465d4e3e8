"""Other people's gradient checks beside this one: python -m benchmarks.gradient_check.peers.

Each is given the same network of 79,510 parameters, right and with each of the seven faults, and
really run: the slow ones, which look at every parameter, on one seed, the others on several.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass

import jax
import numpy as np
import torch
from jax.test_util import check_grads
from rich.console import Console
from rich.progress import track
from rich.table import Table
from scipy.optimize import check_grad

from benchmarks.gradient_check.networks import FAULTS, digits_case, spoiled
from reference_mlp.testing.certified import check_gradients
from reference_mlp.testing.evidence import Outcome
from reference_mlp.testing.parameters import assign, flatten


@dataclass
class Subject:
    """A network with a batch, whose losses are counted."""

    net: object
    X: np.ndarray
    y: np.ndarray
    seed: int
    losses: int = 0

    @property
    def params(self):
        return self.net.params

    def loss(self, X=None, y=None):
        self.losses += 1
        return self.net.loss(self.X if X is None else X, self.y if y is None else y)

    def gradients(self, X=None, y=None):
        return self.net.gradients(self.X if X is None else X, self.y if y is None else y)


def certified(s: Subject) -> bool:
    report = check_gradients(s, s.X, s.y, rng=s.seed, localise=False)
    return report.outcome is Outcome.FLAGGED


def scipy(s: Subject, *, direction: str, limit: float) -> bool:
    """Return whether the norm that scipy returns is above the limit, which is up to the caller."""
    theta = flatten(s.params)

    def loss(x):
        assign(s.params, x)
        return s.loss()

    def gradient(x):
        assign(s.params, x)
        grads = s.gradients()
        return flatten({name: grads[name] for name in s.params})

    options = {} if direction == "all" else {"rng": np.random.default_rng(s.seed)}
    return not check_grad(loss, gradient, theta, direction=direction, **options) <= limit


def torch_gradcheck(s: Subject, *, fast: bool) -> bool:
    """Run gradcheck on a Function that shares its memory with the parameters."""
    names = list(s.params)

    class Loss(torch.autograd.Function):
        @staticmethod
        def forward(ctx, *tensors):
            for name, t in zip(names, tensors, strict=True):
                p = s.params[name]
                if t.data_ptr() != p.ctypes.data:
                    p[...] = t.detach().numpy()
            return torch.tensor(float(s.loss()), dtype=torch.float64)

        @staticmethod
        def backward(ctx, upstream):
            grads = s.gradients()
            return tuple(upstream * torch.from_numpy(grads[name]) for name in names)

    tensors = [torch.from_numpy(s.params[name]).requires_grad_() for name in names]
    torch.manual_seed(s.seed)
    return not torch.autograd.gradcheck(
        Loss.apply, tensors, fast_mode=fast, raise_exception=False, check_undefined_grad=False
    )


def jax_check_grads(s: Subject) -> bool:
    """Run check_grads on a function with this backward pass as its custom one."""
    names = list(s.params)

    def put(arrays):
        for name, a in zip(names, arrays, strict=True):
            s.params[name][...] = np.asarray(a)

    # Without jit, JAX calls these with arrays that NumPy can read.
    @jax.custom_vjp
    def f(*arrays):
        put(arrays)
        return jax.numpy.asarray(s.loss())

    def forward(*arrays):
        return f(*arrays), arrays

    def backward(arrays, upstream):
        put(arrays)
        grads = s.gradients()
        return tuple(upstream * grads[name] for name in names)

    f.defvjp(forward, backward)
    theta = tuple(s.params[n].copy() for n in names)
    try:
        check_grads(f, theta, order=1, modes=["rev"])
    except AssertionError:
        return True
    finally:
        put(theta)
    return False


CHECKS: dict[str, tuple[Callable[[Subject], bool], bool]] = {
    "this one": (certified, False),
    "scipy random, 1e-6": (lambda s: scipy(s, direction="random", limit=1e-6), False),
    # One seed too: where it flags, it runs the slow mode to say what is wrong.
    "torch fast": (lambda s: torch_gradcheck(s, fast=True), True),
    "jax": (jax_check_grads, False),
    "scipy all, 1e-5": (lambda s: scipy(s, direction="all", limit=1e-5), True),
    "torch slow": (lambda s: torch_gradcheck(s, fast=False), True),
}
"""Each check, and whether it may look at every parameter, which takes it half a minute."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    n = parser.parse_args().seeds
    jax.config.update("jax_enable_x64", True)
    torch.set_num_threads(1)
    console = Console()
    table = Table(title="share flagged; 784-100-10, 79,510 parameters, float64, batch 8")
    for column in ("check", "seeds", *FAULTS, "correct", "losses", "seconds", "x slower"):
        table.add_column(column, justify="left" if column == "check" else "right")
    ours = 0.0
    for name, (flags, slow) in CHECKS.items():
        seeds = range(1 if slow else n)
        cells, times, losses = [], [], 0
        for fault in track([*FAULTS.values(), None], name, console=console, transient=True):
            found = 0
            for seed in seeds:
                net, X, y = digits_case(np.random.default_rng(seed))
                s = Subject(net if fault is None else spoiled(net, fault, seed), X, y, seed)
                start = time.perf_counter()
                found += flags(s)
                if fault is None:
                    times.append(time.perf_counter() - start)
                    losses = s.losses
            cells.append(f"{found / len(seeds):.2f}")
        seconds = float(np.median(times))
        ours = ours or seconds
        slower = f"{seconds / ours:,.0f}"
        # The slow ones take minutes: what is known already is shown.
        console.print(f"{name}: {' '.join(cells)}, {losses:,} losses, {seconds:.3f} s, x {slower}")
        table.add_row(name, str(len(seeds)), *cells, f"{losses:,}", f"{seconds:.3f}", slower)
    console.print(table)


if __name__ == "__main__":
    main()
