"""What is to be diagnosed: problems that nothing was tuned on, and networks in other clothes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from reference_mlp.testing import Implementation, Problem

ACTIVATIONS = ("relu", "tanh", "sigmoid")


def random_problems(seed: int) -> tuple[Problem, ...]:
    """Return five problems of drawn widths and batches: every loss, every activation, a square.

    The last is of one output. Some have a penalty.
    """
    rng = np.random.default_rng([seed, 77])
    drawn = []
    kinds = [
        ("softmax_cross_entropy", "labels"),
        ("softmax_cross_entropy", "one-hot"),
        ("sigmoid_binary_cross_entropy", "fractions"),
        ("squared_error", "reals"),
        ("squared_error", "column"),
    ]
    activations = [*rng.permutation(ACTIVATIONS), *rng.choice(ACTIVATIONS, 2)]
    for i, ((loss, targets), activation) in enumerate(zip(kinds, activations, strict=True)):
        d, h, k = (int(n) for n in rng.choice(np.arange(3, 14), 3, replace=False))
        hidden = (h, h) if i in {1, 3} else (h,)
        sizes = (d, *hidden, 1 if targets == "column" else k)
        drawn.append(
            Problem(
                f"problem {i}",
                sizes,
                (str(activation),) * len(hidden),
                loss,
                targets,
                n_rows=int(rng.integers(4, 12)),
                l2=float(rng.choice([0.0, 0.01, 0.1])) if i else 0.03,
            )
        )
    return tuple(drawn)


@dataclass
class Dressed:
    """A network behind other names and another layout: W (out, in), b (out, 1); no tape."""

    inner: object
    params: dict[str, np.ndarray] = field(init=False)

    def __post_init__(self):
        self.params = {
            f"layer{name}": (p.T if p.ndim == 2 else p[:, None]).copy()
            for name, p in self.inner.params.items()
        }

    @property
    def trainable(self):
        return tuple(self.params)

    def _worn(self):
        for name, p in self.inner.params.items():
            p[...] = self.params[f"layer{name}"].T.reshape(p.shape)
        return self.inner

    def logits(self, X):
        return self._worn().logits(X)

    def loss(self, X, y):
        return self._worn().loss(X, y)

    def input_gradient(self, X, y):
        return self._worn().input_gradient(X, y)

    def gradients(self, X, y):
        found = self._worn().gradients(X, y)
        return {
            f"layer{name}": np.array([g]).T if np.ndim(g) == 1 else g.T for name, g in found.items()
        }

    def loss_and_gradients(self, X, y):
        return self.loss(X, y), self.gradients(X, y)


def dressed(implementation: Implementation, problems: tuple[Problem, ...]) -> Implementation:
    """Return an implementation of networks only, as a stranger gives them."""
    return Implementation(
        name=f"{implementation.name}, dressed",
        make_network=lambda sizes, **options: Dressed(
            implementation.make_network(sizes, **options)
        ),
        problems=problems,
    )
