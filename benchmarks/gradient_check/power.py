"""How small a fault in one entry is seen: python -m benchmarks.gradient_check.power."""

from __future__ import annotations

import argparse

import numpy as np
from rich.console import Console
from rich.table import Table

import reference_mlp as mlp
from benchmarks.gradient_check.networks import spoiled
from reference_mlp.testing.certified import check_gradients
from reference_mlp.testing.evidence import Outcome

SIZES = 10.0 ** np.arange(-15, 0)


def one_entry(size: float):
    """Return a fault that makes one random entry, not a zero, off by the share `size`."""

    def spoil(grads, params, rng):
        g = grads[rng.choice(list(grads))]
        at = tuple(rng.choice(np.argwhere(g)))
        g[at] *= 1 + size

    return spoil


def shown(net):
    """Return the network as it is: looked into, widened to float64, made complex."""
    return net


def real(net):
    """Return functions whose loss is a real number, as code that can't be made complex has it."""
    return lambda X, y: float(np.real(net.loss(X, y))), net.gradients, net.params


def shut(net):
    """Return functions over arrays that stay as they are, float32 where they are float32."""
    arrays = dict(net.network.params)

    def inside(f):
        def call(X, y):
            seen = dict(net.network.params)
            net.network.params.update(arrays)
            try:
                return f(X.astype(next(iter(arrays.values())).dtype), y)
            finally:
                net.network.params.update(seen)

        return call

    return inside(net.loss), inside(net.gradients), dict(arrays)


CASES = {
    "tanh, float64": ("tanh", np.float64, shown),
    "tanh, float32": ("tanh", np.float32, shown),
    "relu, float64": ("relu", np.float64, shown),
    "relu, float32": ("relu", np.float32, shown),
    "tanh, real loss": ("tanh", np.float64, real),
    "tanh, float32 only": ("tanh", np.float32, shut),
}


def share(size: float, case: str, n: int) -> float:
    """Return the share of `n` networks on which a fault of the relative `size` is flagged."""
    activation, dtype, view = CASES[case]
    found = 0
    for seed in range(n):
        rng = np.random.default_rng(seed)
        net = mlp.mlp((100, 50, 10), rng=rng, activation=activation, dtype=dtype)
        X = rng.normal(size=(8, 100)).astype(dtype)
        subject = view(spoiled(net, one_entry(size), seed))
        report = check_gradients(subject, X, rng.integers(10, size=8), rng=seed, localise=False)
        found += report.outcome is Outcome.FLAGGED
    return found / n


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=30)
    n = parser.parse_args().seeds
    table = Table(title=f"share flagged of {n}: one entry of a random array off, 100-50-10")
    for column in ("relative size", *CASES):
        table.add_column(column, justify="right")
    for size in SIZES:
        table.add_row(f"{size:.0e}", *(f"{share(size, case, n):.2f}" for case in CASES))
    table.add_section()
    table.add_row("none", *(f"{share(0.0, case, n):.2f}" for case in CASES))
    Console().print(table)


if __name__ == "__main__":
    main()
