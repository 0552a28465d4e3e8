"""Shapes and dtypes of everything that a network returns."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np

from reference_mlp._arrays import FLOAT_DTYPES, Array
from reference_mlp.testing.evidence import Evidence
from reference_mlp.testing.implementation import (
    NetworkFactory,
    NetworkUnderTest,
    NotProvidedError,
    if_provided,
)
from reference_mlp.testing.problems import Problem
from reference_mlp.testing.registry import Setting, check


@check("SHP")
def shapes_and_dtypes(
    at: Setting, problems: tuple[Problem, ...], make_network: NetworkFactory
) -> Iterator[Evidence]:
    """Logits are (N, K), the loss a scalar, each gradient of its parameter's shape and dtype."""
    for dtype in FLOAT_DTYPES:
        # Somebody's own network may come in one dtype only.
        with suppress(NotProvidedError):
            for problem, network, *_ in Setting(at.seed, dtype).cases(problems, make_network):
                for n in (problem.n_rows, 1):
                    X, y = problem.batch(dtype=dtype, rng=at.rng(), n_rows=n)
                    where = f"{problem.name}, {dtype}, batch of {n}"
                    yield _judge(network, X, y, n_classes=problem.sizes[-1], where=where)


def _judge(
    network: NetworkUnderTest, X: Array, y: Array, *, n_classes: int, where: str
) -> Evidence:
    grads = network.gradients(X, y)
    got: dict[str, Any] = {
        "logits": network.logits(X),
        **{f"gradient of {name}": grads.get(name) for name in network.params},
    }
    expected = {
        "logits": (len(X), n_classes),
        **{f"gradient of {name}": p.shape for name, p in network.params.items()},
    }
    if (dX := if_provided(network.input_gradient, X, y)) is not None:
        got["dL/dX"], expected["dL/dX"] = dX, X.shape
    misfits = [
        f"{what} {why}"
        for what, shape in expected.items()
        if (why := _misfit(got[what], shape, X.dtype))
    ]
    if size := np.size(network.loss(X, y)) - 1:
        misfits.append(f"the loss has {size + 1} entries, expected a scalar")
    text = f"{'; '.join(misfits) or 'all as expected'}; {where}"
    return Evidence(float(len(misfits)), 0.0, where, text)


def _misfit(array: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> str | None:
    if not isinstance(array, np.ndarray):
        return f"is a {type(array).__name__}, expected an array of shape {shape}"
    if array.shape != shape or array.dtype != dtype:
        return f"is {array.dtype} of shape {array.shape}, expected {dtype} of shape {shape}"
    return None
