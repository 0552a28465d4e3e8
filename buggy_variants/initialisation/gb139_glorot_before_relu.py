r"""Glorot's scale before a relu.

Glorot and Bengio derived their law for activations that are about linear near zero, such as tanh. A
relu sets half of its inputs to zero, and with them half of the mean square. He et al. put a factor
2 into the variance to make up for it. Using the older formula with the newer activation
forgets the factor.

In one hidden layer the loss of scale is $\sqrt 2$ and no one's concern. It multiplies. Ten layers
of equal width hand on a thousandth of the mean square, a thirtieth of the signal,
and thirty layers a thirty-thousandth. Gradients shrink by the same factor on their way back. This
is why deep relu networks were said not to train without tricks, and where they begin to
train at all with He's law, as figure 3 of that paper shows for thirty layers.

>>> rng = np.random.default_rng(0)
>>> h = rng.normal(size=(200, 256))
>>> for _ in range(10):
...     h = np.maximum(h @ he_normal(256, 256, rng=rng), 0)
>>> float((h**2).mean().round(4))
0.0009
"""

import numpy as np
from numpy.typing import DTypeLike

from buggy_variants.bug import Bug, Severity
from reference_mlp._arrays import Array


def he_normal(
    n_in: int, n_out: int, *, rng: np.random.Generator, dtype: DTypeLike = np.float64
) -> Array:
    std = np.sqrt(2 / (n_in + n_out))  # BUG: Glorot's, which loses half in each relu layer
    return rng.normal(0, std, (n_in, n_out)).astype(dtype)


bug = Bug(
    replaces={"he_normal": he_normal},
    severity=Severity.WORSE,
    flagged_by=(
        "initial_law",
        "initial_spread",
    ),
    right=r"$\mathrm{Var}(W_{jk}) = 2 / n_{in}$",
    wrong=r"$\mathrm{Var}(W_{jk}) = 2 / (n_{in} + n_{out})$",
    symptom=(
        "Shallow networks are as good as ever; deep ones start with logits near 0, tiny gradients "
        "in the lower layers, and a long plateau."
    ),
    preconditions="Many relu layers.",
    why_missed="Tests use one or two hidden layers, where a factor of 1.4 is nothing.",
    fix="He's law before a relu: `np.sqrt(2 / n_in)`.",
    origin=("He et al. 2015, Delving deep into rectifiers, section 2.2",),
    related=("GB072", "GB147"),
)
