"""Faults named and templates recognised: python -m benchmarks.gradient_check.localisation."""

from __future__ import annotations

import argparse

import numpy as np
from rich.console import Console
from rich.table import Table

import reference_mlp as mlp
from benchmarks.gradient_check.networks import WithGradients, digits_case
from reference_mlp.testing.certified import check_gradients

FACTORS = (0.0, -1.0, 2.0, 1.01)


def single_entries(n: int) -> tuple[int, int, int]:
    """Return how many of `n` are named exactly, and the median and most losses it took."""
    named, losses = 0, []
    for seed in range(n):
        rng = np.random.default_rng(seed)
        net, X, y = digits_case(rng, activation=str(rng.choice(["sigmoid", "tanh", "relu"])))
        name = str(rng.choice(list(net.params)))
        at = tuple(int(i) for i in rng.choice(np.argwhere(net.gradients(X, y)[name])))
        factor = rng.choice(FACTORS)

        def spoil(grads, name=name, at=at, factor=factor):
            grads[name][at] *= factor
            return grads

        report = check_gradients(WithGradients(net, spoil), X, y, rng=seed)
        where = f"{name}[{','.join(map(str, at))}]"
        named += [f.where for f in report.faults] == [where]
        losses.append(report.evaluations["diagnosis"])
    return named, int(np.median(losses)), max(losses)


def ten_entries(n: int) -> tuple[int, int, int]:
    """Return in how many of `n` draws all of ten wrong entries are named, and no others."""
    named, losses = 0, []
    for seed in range(n):
        rng = np.random.default_rng(seed)
        net, X, y = digits_case(rng)
        right = net.gradients(X, y)
        places = set()
        while len(places) < 10:
            name = str(rng.choice(["0.W", "0.b", "2.W"]))
            places.add((name, *(int(i) for i in rng.choice(np.argwhere(right[name])))))

        def spoil(grads, places=places):
            for name, *at in places:
                grads[name][tuple(at)] *= 1.5
            return grads

        report = check_gradients(WithGradients(net, spoil), X, y, rng=seed)
        wanted = {f"{name}[{','.join(map(str, at))}]" for name, *at in places}
        named += {f.where for f in report.faults} == wanted
        losses.append(report.evaluations["diagnosis"])
    return named, int(np.median(losses)), max(losses)


class NoDerivative(mlp.Tanh):
    def backward(self, cache, dh):
        return dh


def _one(change):
    """Return a fault that changes the gradient of the second weight by (g, W, n_rows, rng)."""

    def spoil(grads, net, n_rows, rng):
        grads["2.W"] = change(grads["2.W"], net.params["2.W"], n_rows, rng)
        return grads

    return spoil


def _mean_in_bias(grads, net, n_rows, rng):
    return grads | {"2.b": grads["2.b"] / n_rows}


def _column(g, axis, rng):
    g = g.copy()
    # One that has a gradient to lose: a dead unit's is zero as it is.
    alive = np.flatnonzero(g.any(axis=1 - axis))
    g[(slice(None), rng.choice(alive)) if axis else (rng.choice(alive), slice(None))] = 0
    return g


TEMPLATES = {
    "x B": (_one(lambda g, W, n, rng: g * n), "a sum over the batch where its mean belongs"),
    "x 1/B": (_one(lambda g, W, n, rng: g / n), "divided by the batch size once too often"),
    "x -1": (_one(lambda g, W, n, rng: -g), "the sign is flipped"),
    "x 2": (_one(lambda g, W, n, rng: 2 * g), "2.W: x 2"),
    "L2 missing": (_one(lambda g, W, n, rng: g - 1e-3 * W), "L2 term of 0.001 times"),
    "transposed": (_one(lambda g, W, n, rng: g.T.copy()), "2.W: transposed"),
    "column zeroed": (_one(lambda g, W, n, rng: _column(g, 1, rng)), "2.W: column"),
    "row zeroed": (_one(lambda g, W, n, rng: _column(g, 0, rng)), "2.W: row"),
    "mean for sum in a bias": (_mean_in_bias, "a mean over the batch where the sum belongs"),
    "activation derivative missing": (None, "the derivative of layer"),
}


def template(name: str, n: int) -> int:
    """Return how many of `n` draws of the fault `name` are recognised, on random networks."""
    spoil, text = TEMPLATES[name]
    recognised = 0
    for seed in range(n):
        rng = np.random.default_rng([seed, 77])
        width, classes, n_rows = (int(i) for i in rng.integers((5, 3, 3), (30, 12, 40)))
        inputs = int(rng.integers(4, 40))
        activation = str(rng.choice(["sigmoid", "tanh", "relu"]))
        parts = {}
        if spoil is None:
            activation, parts = "tanh", {"activations": {"tanh": NoDerivative}}
        net = mlp.mlp((inputs, width, width, classes), rng=rng, activation=activation, **parts)
        X, y = rng.normal(size=(n_rows, inputs)), rng.integers(classes, size=n_rows)

        def fault(grads, net=net, n_rows=n_rows, seed=seed):
            return spoil(grads, net, n_rows, np.random.default_rng(seed))

        subject = net if spoil is None else WithGradients(net, fault)
        report = check_gradients(subject, X, y, rng=seed)
        recognised += len(report.patterns) == 1 and text in report.patterns[0]
    return recognised


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=100)
    n = parser.parse_args().draws
    table = Table(title=f"{n} draws each")
    for column in ("fault", "named or recognised", "losses, median", "losses, most"):
        table.add_column(column, justify="left" if column == "fault" else "right")
    for title, study in (("one entry of 79,510", single_entries), ("ten entries", ten_entries)):
        named, median, most = study(n)
        table.add_row(title, f"{named} of {n}", str(median), str(most))
    table.add_section()
    for name in TEMPLATES:
        table.add_row(f"template: {name}", f"{template(name, n)} of {n}")
    Console().print(table)


if __name__ == "__main__":
    main()
