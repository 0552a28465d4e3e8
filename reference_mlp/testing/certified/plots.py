"""Two pictures of a gradient check: error against step size, and errors over an array."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from reference_mlp._arrays import Array
from reference_mlp.testing.certified.directions import gaussian
from reference_mlp.testing.certified.line import Line, kept
from reference_mlp.testing.certified.objective import SetParams, objective_of
from reference_mlp.testing.parameters import entry

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STEPS = np.logspace(-12, 0, 49)


def v_curve(
    subject: Any,
    *batch: Any,
    rng: np.random.Generator,
    steps: Array = STEPS,
    set_params: SetParams | None = None,
) -> dict[str, Array]:
    """Return |numeric - analytic| along a random line of norm 1 for each of `steps` (S,).

    "forward", "D2" and "D4" are the errors (S,) of the differences of order h, h^2 and h^4; each
    falls with its power of h until the rounding of the loss, of order u / h, takes over.
    Where the gradient is wrong, they level off at the fault instead. Raises as
    `check_gradients` does.

    >>> theta = np.array([0.5])
    >>> def loss(): return float(np.exp(theta[0]))
    >>> def gradients(): return {"theta": np.exp(theta)}
    >>> steps = np.array([1e-3, 1e-2])
    >>> rng = np.random.default_rng(0)
    >>> curve = v_curve((loss, gradients, {"theta": theta}), rng=rng, steps=steps)
    >>> (curve["D2"][1] / curve["D2"][0]).round()
    np.float64(100.0)
    """
    objective = objective_of(subject, batch, set_params=set_params)
    errors: dict[str, list[float]] = {"forward": [], "D2": [], "D4": []}
    with kept(objective) as base:
        grads = objective.gradients()
        v = gaussian(base, rng)
        norm = Line(objective, base, v).norm
        line = Line(objective, base, {name: a / a.dtype.type(norm) for name, a in v.items()})
        analytic, centre = line.slope(grads), line.value(0)
        for h in steps:
            f = {k: line.value(k * float(h)) for k in (-2, -1, 1, 2)}
            d2, wide = (f[1] - f[-1]) / (2 * h), (f[2] - f[-2]) / (4 * h)
            errors["forward"].append(abs((f[1] - centre) / h - analytic))
            errors["D2"].append(abs(d2 - analytic))
            errors["D4"].append(abs((4 * d2 - wide) / 3 - analytic))
    return {"step": np.asarray(steps), **{name: np.array(e) for name, e in errors.items()}}


def plot_v_curve(curve: dict[str, Array], ax: Axes | None = None) -> Axes:
    """Draw what `v_curve` returns, on logarithmic axes; return the axes.

    Raises ImportError where matplotlib is missing.
    """
    ax = ax or _new_axes()
    for name in ("forward", "D2", "D4"):
        # Zero has no logarithm, and an error of exactly zero is a fluke of rounding.
        e = np.where(curve[name] > 0, curve[name], np.nan)
        ax.loglog(curve["step"], e, label=name)
    ax.set(xlabel="step h", ylabel="|numeric - analytic|", title="error against step size")
    ax.legend()
    return ax


def entry_errors(
    subject: Any, *batch: Any, name: str, set_params: SetParams | None = None
) -> Array:
    """Return |analytic - numeric| for each entry of the parameter `name`, in its shape.

    Each entry takes two losses: D2 at h = u^(1/3) max(1, |theta|). Raises KeyError for an unknown
    name, and otherwise as `check_gradients` does.

    >>> W = np.array([1.0, 2.0])
    >>> def loss(): return (W**2).sum()
    >>> def gradients(): return {"W": np.array([2.0, 5.0])}
    >>> entry_errors((loss, gradients, {"W": W}), name="W").round(6)
    array([0., 1.])
    """
    objective = objective_of(subject, batch, set_params=set_params)
    if name not in objective.params:
        msg = f"name is {name!r}, expected one of {sorted(objective.params)}"
        raise KeyError(msg)
    with kept(objective) as base:
        g = objective.gradients()[name].copy()
        p, theta = objective.params[name], base[name]
        h = np.finfo(p.dtype).eps ** (1 / 3) * np.maximum(1, np.abs(theta))
        numeric = np.empty(g.shape)
        for at in np.ndindex(g.shape):
            f, ends = [], []
            for sign in (1, -1):
                p[at] = theta[at] + sign * h[at]
                objective.moved()
                f.append(float(objective.loss()))
                ends.append(float(p[at]))
            p[at] = theta[at]
            numeric[at] = (f[0] - f[1]) / (ends[0] - ends[1])
    errors: Array = np.abs(g - numeric)
    return errors


def plot_entry_errors(errors: Array, ax: Axes | None = None, *, name: str = "") -> Axes:
    """Draw |analytic - numeric| as a heat map, logarithmic in colour; return the axes.

    `errors` has one or two axes. A transposed gradient shows as a pattern symmetric about the
    diagonal, a zeroed column as a stripe, a single wrong entry as a point. Raises ValueError for
    more axes and ImportError where matplotlib is missing.
    """
    if errors.ndim not in {1, 2}:
        msg = f"errors has shape {errors.shape}, expected one axis or two"
        raise ValueError(msg)
    ax = ax or _new_axes()
    rows = np.atleast_2d(errors)
    positive = rows[rows > 0]
    floor = float(positive.min()) if positive.size else 1.0
    image = ax.imshow(np.log10(np.maximum(rows, floor)), aspect="auto", interpolation="nearest")
    worst = np.unravel_index(int(rows.argmax()), rows.shape)
    ax.set(
        xlabel="column",
        ylabel="row",
        title=f"largest error {rows.max():.2g} at {entry(name, worst)}",
    )
    ax.figure.colorbar(image, ax=ax, label="log10 |analytic - numeric|")
    return ax


def _new_axes() -> Axes:
    try:
        # Only pictures need it, and few checks end in one.
        from matplotlib.figure import Figure
    except ImportError as error:
        msg = "plots need matplotlib: pip install 'gradbugs[plots]'"
        raise ImportError(msg) from error
    # A figure of its own, not pyplot's: nothing to close, and no window system is asked for.
    return Figure(layout="constrained").add_subplot()
