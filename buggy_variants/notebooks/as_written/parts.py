"""How the checks see a notebook's network: a factory of any widths, and the parts it comes with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from reference_mlp._arrays import Array
from reference_mlp.testing import Implementation, Problem
from reference_mlp.testing.adapt import Adapted, seeded
from reference_mlp.testing.implementation import NotProvidedError

Law = Callable[[tuple[int, int], np.random.Generator], Array]


def implementation(
    name: str, problem: Problem, adapted: Callable[[Problem], Adapted], **parts: Any
) -> Implementation:
    """Return the implementation whose networks `adapted` builds, of any widths and in float64.

    `problem` says which activations and loss the notebook has; other ones it doesn't provide.
    """

    def make_network(
        sizes: tuple[int, ...],
        *,
        activation: tuple[str, ...],
        loss: str,
        l2: float,
        dtype: DTypeLike,
        rng: np.random.Generator,
    ) -> Any:  # an Adapted has no tape, which the checks that want one ask for
        if (activation, loss, l2) != (problem.activation, problem.loss, 0):
            msg = f"{name} comes as {problem.activation} under {problem.loss} only"
            raise NotProvidedError(msg)
        if len(sizes) != len(problem.sizes) or np.dtype(dtype) != np.float64:
            msg = f"{name} comes with {len(problem.sizes) - 1} layers and in float64 only"
            raise NotProvidedError(msg)
        asked = Problem(name, tuple(sizes), activation, loss, problem.targets, problem.n_rows)
        with seeded(int(rng.integers(2**31))):
            return adapted(asked)

    return Implementation(
        name=name,
        make_network=make_network,
        problems=(problem,),
        adapted=lambda: adapted(problem),
        **parts,
    )


def initialiser(law: Law) -> Callable[..., Array]:
    """Return a notebook's law of weights as the initialisers' checks call one."""

    def draw(
        n_in: int, n_out: int, *, rng: np.random.Generator, dtype: DTypeLike = np.float64
    ) -> Array:
        return law((n_in, n_out), rng).astype(dtype)

    return draw
