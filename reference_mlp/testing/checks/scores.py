"""Accuracy and evaluation against sums over single samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from reference_mlp._arrays import Array
from reference_mlp.batches import one_hot
from reference_mlp.evaluation import Evaluation
from reference_mlp.testing.evidence import Evidence
from reference_mlp.testing.implementation import NetworkFactory
from reference_mlp.testing.problems import Problem
from reference_mlp.testing.registry import Setting, check


@check("ACC")
def accuracy_counts(at: Setting, accuracy: Callable[[Array, Array], Any]) -> Iterator[Evidence]:
    """Accuracy is the fraction of rows whose largest score is the label's; a row of NaN is none.

    Against a loop. The fraction of at most 37 rows is known to a rounding, and a row miscounted
    moves it by 1/37.
    """
    rng = at.rng()
    # As many rows as classes first: there an argmax along the wrong axis raises nothing.
    for n, k in ((5, 5), (37, 5), (1, 3), (6, 2)):
        z = rng.normal(size=(n, k)).astype(at.dtype)
        y = rng.integers(k, size=n)
        y[::2] = z[::2].argmax(axis=1)  # so that about half of them are right
        right = sum(all(z[i, y[i]] >= z[i, j] for j in range(k)) for i in range(n)) / n
        p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        forms = {
            "logits, integer labels": (z, y),
            "probabilities, integer labels": (p, y),
            "logits, one-hot labels": (z, one_hot(y, k, dtype=at.dtype)),
        }
        for form, (scores, labels) in forms.items():
            got = float(accuracy(scores, labels))
            where = f"{form}, {n} rows of {k} classes"
            text = f"accuracy is {got:.6g}, expected {right:.6g}; {where}"
            yield Evidence(abs(got - right), 1e-6, where, text)

    # Whichever entry of a tie counts as the largest, it is one, and the labels are all of them.
    got = float(accuracy(np.zeros((4, 4), at.dtype), np.arange(4)))
    text = f"four equal scores are right for {4 * got:.3g} of the four labels, expected 1"
    yield Evidence(abs(got - 0.25), 1e-6, "equal scores", text)

    rows_of_nan = np.full((4, 4), np.nan, at.dtype)
    one_nan = np.array([[9, np.nan, 0], [np.nan, 9, 0]], at.dtype)
    nans = {
        "rows of NaN": (rows_of_nan, np.arange(4)),
        "one NaN in each row, at the label": (one_nan, np.array([1, 0])),
    }
    for where, (scores, labels) in nans.items():
        credit = _credited(accuracy, scores, labels)
        text = f"accuracy of scores that are NaN is {credit:.3g}, expected an error or 0; {where}"
        yield Evidence(credit, 0.0, where, text)


def _credited(accuracy: Callable[[Array, Array], Any], scores: Array, y: Array) -> float:
    """Return what NaN is credited with: nothing where it is refused, or is NaN itself."""
    try:
        got = float(accuracy(scores, y))
    except (ValueError, ArithmeticError, AssertionError):
        return 0.0
    return 0.0 if np.isnan(got) else got


@check("EVA")
def evaluation_weights(
    at: Setting,
    problems: tuple[Problem, ...],
    make_network: NetworkFactory,
    evaluate: Callable[..., Evaluation],
) -> Iterator[Evidence]:
    """Loss and accuracy over a set are the means over its rows, whatever the batch size."""
    for problem, network, *_ in at.cases(problems, make_network):
        if problem.targets not in {"labels", "one-hot"}:
            continue  # without classes there is no accuracy
        X, y = half_right(network, *problem.batch(dtype=at.dtype, rng=at.rng(), n_rows=11))
        loss, accuracy = means_over_rows(network, X, y)
        for batch_size in (4, 10, 11, 1, 50):
            got = evaluate(network, X, y, batch_size=batch_size)
            where = f"11 rows in batches of {batch_size}, {problem.name}"
            yield hold_loss(got.loss, loss, "the loss of a set", where, at)
            if accuracy is not None:
                text = f"the accuracy of a set is {got.accuracy:.6g}, expected {accuracy:.6g}"
                yield Evidence(abs(got.accuracy - accuracy), 1e-6, where, f"{text}; {where}")


def half_right(network: Any, X: Array, y: Array) -> tuple[Array, Array]:
    """Return the batch with every other label changed to what the network says.

    Where nothing is right, hits that are counted wrongly can't be seen.
    """
    said = np.array(network.logits(X)).argmax(axis=1)[::2]
    y = y.copy()
    y[::2] = said if y.ndim == 1 else np.eye(y.shape[1], dtype=y.dtype)[said]
    return X, y


def means_over_rows(network: Any, X: Array, y: Array) -> tuple[float, float | None]:
    """Return mean loss and accuracy from rows taken one by one.

    The accuracy is None where two scores of a row are closer than roundings of a batch move them.
    """
    rows = [slice(i, i + 1) for i in range(len(X))]
    loss = float(np.mean([float(network.loss(X[row], y[row])) for row in rows]))
    z = np.concatenate([np.array(network.logits(X[row])) for row in rows])
    labels = y if y.ndim == 1 else y.argmax(axis=1)
    if z.shape[1] == 1:
        return loss, None
    second, first = np.sort(z, axis=1)[:, -2:].T
    u = float(np.finfo(z.dtype).eps)
    if (first - second <= 100 * u * np.maximum(1, np.abs(z).max(axis=1))).any():
        return loss, None
    return loss, float((z.argmax(axis=1) == labels).mean())


def hold_loss(got: Any, right: float, what: str, where: str, at: Setting) -> Evidence:
    """Hold a mean of some ten losses against `right`, in units of rounding; 100 are granted."""
    off = abs(float(got) - right) / (float(np.finfo(at.dtype).eps) * max(1.0, abs(right)))
    text = f"{what} is {float(got):.6g}, expected {right:.6g}; {where}"
    return Evidence(off, 100.0, where, text)
