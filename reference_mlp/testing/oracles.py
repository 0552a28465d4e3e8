"""Losses and activations by their textbook formulas, in decimal arithmetic of fifty digits.

Independent of the reference by construction: no shift, no rearrangement, no NumPy. What would
overflow in a float has room here, so the naive formula is the right one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, localcontext

Vector = Sequence[float]
Gradient = list[float]


def cross_entropy(z: Vector, y: Vector) -> tuple[float, Gradient]:
    """Return -sum y_k log(e^z_k / sum e^z) of one row, and its gradient, for one-hot `y`.

    >>> cross_entropy([0.0, 1000.0], [1, 0])
    (1000.0, [-1.0, 1.0])
    """
    with localcontext(prec=50):
        e = [Decimal(v).exp() for v in z]
        p = [v / sum(e) for v in e]
        loss = -sum((Decimal(t) * q.ln() for t, q in zip(y, p, strict=True) if t), Decimal(0))
        return float(loss), [float(q - Decimal(t)) for q, t in zip(p, y, strict=True)]


def binary_cross_entropy(z: Vector, y: Vector) -> tuple[float, Gradient]:
    """Return the sum of -y log s - (1 - y) log(1 - s) of one row, and its gradient.

    Here s = 1 / (1 + e^-z).

    >>> binary_cross_entropy([0.0], [1.0])
    (0.6931471805599453, [-0.5])
    """
    with localcontext(prec=50):
        loss, gradient = Decimal(0), []
        for v, t in zip(map(Decimal, z), map(Decimal, y), strict=True):
            s = 1 / (1 + (-v).exp())
            # 1 - s, written so that fifty digits hold it when s is within them of 1.
            rest = 1 / (1 + v.exp())
            loss -= (t * s.ln() if t else 0) + ((1 - t) * rest.ln() if t != 1 else 0)
            gradient.append(float(s - t))
        return float(loss), gradient


def squared_error(z: Vector, y: Vector) -> tuple[float, Gradient]:
    """Return sum (z - y)^2 / 2 of one row, and its gradient.

    >>> squared_error([3.0], [1.0])
    (2.0, [2.0])
    """
    with localcontext(prec=50):
        r = [Decimal(v) - Decimal(t) for v, t in zip(z, y, strict=True)]
        return float(sum((v * v for v in r), Decimal(0)) / 2), [float(v) for v in r]


def relu(z: float) -> tuple[float, float]:
    """Return max(z, 0) and its derivative, 0 at the kink."""
    return (z, 1.0) if z > 0 else (0.0, 0.0)


def sigmoid(z: float) -> tuple[float, float]:
    """Return s = 1 / (1 + e^-z) and s (1 - s).

    >>> sigmoid(0.0)
    (0.5, 0.25)
    """
    with localcontext(prec=50):
        s = 1 / (1 + (-Decimal(z)).exp())
        return float(s), float(s / (1 + Decimal(z).exp()))


def tanh(z: float) -> tuple[float, float]:
    """Return t = (e^z - e^-z) / (e^z + e^-z) and 1 - t^2 = 4 / (e^z + e^-z)^2.

    >>> tanh(0.0)
    (0.0, 1.0)
    """
    with localcontext(prec=50):
        a, b = Decimal(z).exp(), (-Decimal(z)).exp()
        return float((a - b) / (a + b)), float(4 / (a + b) ** 2)


def identity(z: float) -> tuple[float, float]:
    """Return z and 1."""
    return z, 1.0


LOSS_ORACLES: Mapping[str, Callable[[Vector, Vector], tuple[float, Gradient]]] = {
    "softmax_cross_entropy": cross_entropy,
    "sigmoid_binary_cross_entropy": binary_cross_entropy,
    "squared_error": squared_error,
}

ACTIVATION_ORACLES: Mapping[str, Callable[[float], tuple[float, float]]] = {
    "relu": relu,
    "sigmoid": sigmoid,
    "tanh": tanh,
    "identity": identity,
}
