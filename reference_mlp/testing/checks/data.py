"""Functions of data: encoded, cut, split, standardised and scaled, against what they promise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from reference_mlp._arrays import Array
from reference_mlp.testing.evidence import Evidence
from reference_mlp.testing.parameters import entry, misfit
from reference_mlp.testing.registry import Setting, check


@check("HOT")
def one_hot_rows(at: Setting, one_hot: Callable[..., Array]) -> Iterator[Evidence]:
    """One-hot rows have a single 1, in the label's column, whichever classes are there.

    Against a loop, and exactly: there is nothing to round.
    """
    sets: dict[str, tuple[list[int], int]] = {
        "the largest class absent": ([1, 0, 2, 1, 0], 4),
        "every class once": ([int(k) for k in at.rng().permutation(5)], 5),
        "a class in the middle absent": ([0, 3, 1, 3, 0, 1], 4),
        "a single class": ([2, 2], 3),
        "a single row": ([0], 3),
        "more classes than a byte counts": ([255, 256, 299, 0], 300),
    }
    for name, (labels, n_classes) in sets.items():
        for kind in (np.int64, np.uint8) if n_classes <= 256 else (np.int64, np.uint16):
            y = np.array(labels, kind)
            expected = np.zeros((len(y), n_classes), at.dtype)
            for row, label in enumerate(labels):
                expected[row, label] = 1
            where = f"{name}, labels {np.dtype(kind)}"
            got = one_hot(y, n_classes, dtype=at.dtype)
            yield _exactly(got, expected, f"one_hot(y, {n_classes})", where)


@check("BAT")
def batches_cover(
    at: Setting, minibatches: Callable[..., Iterable[tuple[Array, Array]]]
) -> Iterator[Evidence]:
    """An epoch's minibatches hold every pair once, in sizes as asked and an order that is drawn.

    Rows name themselves. Of 53 rows two orders agree once in 53! and two partitions into
    batches of 8 once in 10^44, so equality is no accident.
    """
    X, y = _tagged(53, at.dtype)
    for batch_size in (8, 53, 60, 1, None):
        asked = f"53 rows in batches of {batch_size}"
        epoch = _epoch(minibatches, X, y, batch_size, at.rng())
        yield _mispaired(epoch, asked)
        yield _uncovered(epoch, y, asked)
        size = batch_size or len(y)
        right = [min(size, len(y) - start) for start in range(0, len(y), size)]
        sizes = [len(rows) for rows, _ in epoch]
        text = f"{asked} come in sizes {_shortened(sizes)}, expected {_shortened(right)}"
        yield Evidence(float(sizes != right), 0.0, asked, text)

    rng = at.rng()
    first, second = (_epoch(minibatches, X, y, 8, rng) for _ in range(2))
    again = _epoch(minibatches, X, y, 8, at.rng())
    orders = [np.concatenate([rows[:, 0] for rows, _ in epoch]) for epoch in (first, second, again)]
    partitions = [{frozenset(rows[:, 0].tolist()) for rows, _ in e} for e in (first, second)]
    faults = {
        "the second epoch has the order of the first": np.array_equal(orders[0], orders[1]),
        "the same rows share a batch in every epoch": partitions[0] == partitions[1],
        "a generator of the same seed gives another order": not np.array_equal(
            orders[0], orders[2]
        ),
    }
    for fault, found in faults.items():
        text = fault if found else f"it is not so that {fault}"
        yield Evidence(float(found), 0.0, "two epochs", text)


@check("SPL")
def split_parts(at: Setting, split: Callable[..., Any]) -> Iterator[Evidence]:
    """The parts of a split are disjoint, shuffled, of the sizes asked, and keep their pairs.

    A quarter of 64 rows is 16 however one rounds, and a random 16 are those at an end of the
    array once in 10^14.
    """
    X, y = _tagged(64, at.dtype)
    parts = [(np.array(a), np.array(b)) for a, b in split(X.copy(), y.copy(), 0.25, rng=at.rng())]
    where = "64 rows, a fraction of 0.25"
    yield _mispaired(parts, where)
    yield _uncovered(parts, y, where)
    sizes = [len(rows) for rows, _ in parts]
    text = f"the parts have {sizes} rows, expected [48, 16]"
    yield Evidence(float(sizes != [48, 16]), 0.0, where, text)
    second = {int(tag) for tag in parts[-1][0][:, 0]}
    n = len(second)
    at_end = second in ({*range(n)}, {*range(len(y) - n, len(y))})
    text = "the second part is " + ("one end of the array, unshuffled" if at_end else "shuffled")
    yield Evidence(float(at_end), 0.0, where, text)
    again = np.concatenate(
        [np.array(a)[:, 0] for a, _ in split(X.copy(), y.copy(), 0.25, rng=at.rng())]
    )
    before = np.concatenate([a[:, 0] for a, _ in parts])
    same = np.array_equal(again, before)
    text = f"a generator of the same seed gives {'the same' if same else 'another'} split"
    yield Evidence(float(not same), 0.0, where, text)


@check("STD")
def standardised_columns(
    at: Setting, standardise: Callable[..., tuple[Array, ...]]
) -> Iterator[Evidence]:
    r"""Columns get mean 0 and variance 1, and every other set the same terms.

    Against long double. Data of mean m and deviation s that are rounded once are uncertain by
    u m / s after standardising, and so is what a mean and a variance in two passes make of them,
    times a small constant: 100 roundings of 1 + m / s + \|z\| are granted. A column that doesn't
    vary is only centred, also where the mean of equal numbers is off by a rounding.
    """
    rng = at.rng()
    offset = 1e4 if np.dtype(at.dtype) == np.float32 else 1e8
    # Deviations other than 1: where one comes out as 0 or NaN, a column is often left unscaled.
    X = rng.normal([0, 3, -20, 3 * offset], [2, 0.5, 4, 3], size=(60, 4)).astype(at.dtype)
    test = rng.normal([5, 3, -26, 3 * offset + 7], 2, size=(9, 4)).astype(at.dtype)
    constant = X.copy()
    constant[:, 1:3] = 7, 0.1
    sets = {
        "columns far from 0": (X, test),
        "columns that don't vary": (constant, constant[:3] + 1),
        "a single row": (X[:1, :3],),
    }
    for name, arrays in sets.items():
        # Copies: what a function does to its arguments is for data_unchanged to judge.
        got = standardise(*(A.copy() for A in arrays))
        for i, (A, Z) in enumerate(zip(arrays, got, strict=True)):
            what = "X" if i == 0 else "the other set"
            yield _standardised(Z, A, arrays[0], f"{what}, {name}")


@check("PIX")
def pixels_scaled(at: Setting, scale_pixels: Callable[..., Array]) -> Iterator[Evidence]:
    """Every pixel from 0 to 255 is scaled to [0, 1], images to rows, in the dtype asked for.

    Two roundings are granted: one of 1/255 and one of the product.
    """
    every = np.arange(256, dtype=np.uint8)
    images = at.rng().permutation(np.resize(every, 3 * 10 * 17).astype(np.uint8))
    sets = {
        "images (3, 10, 17)": images.reshape(3, 10, 17),
        "the pixels 0, 128, 200 and 255": np.array([[0, 128, 200, 255]], np.uint8),
        "rows (16, 16)": every.reshape(16, 16),
    }
    for name, given in sets.items():
        flat = given.reshape(len(given), -1)
        right = np.array([[int(v) / 255 for v in row] for row in flat])
        got = scale_pixels(given.copy(), dtype=at.dtype)
        if (why := misfit(got, right)) or got.dtype != np.dtype(at.dtype):
            text = f"scale_pixels {why or f'gives {got.dtype}, expected {np.dtype(at.dtype)}'}"
            yield Evidence(np.inf, 0.0, name, f"{text}; {name}")
            continue
        off = np.nan_to_num(np.abs(got.astype(np.float64) - right), nan=np.inf)
        row, column = np.unravel_index(off.argmax(), off.shape)
        text = f"pixel {flat[row, column]} becomes {got[row, column]:.6g}"
        text += f", expected {right[row, column]:.6g}; {name}"
        yield Evidence(float(off.max()), 2 * float(np.finfo(at.dtype).eps), name, text)


def _tagged(n: int, dtype: DTypeLike) -> tuple[Array, Array]:
    """Return rows and labels that both say which pair they belong to."""
    y = np.arange(n)
    return np.column_stack([y, -y]).astype(dtype), y


def _epoch(
    minibatches: Callable[..., Iterable[tuple[Array, Array]]],
    X: Array,
    y: Array,
    batch_size: int | None,
    rng: np.random.Generator,
) -> list[tuple[Array, Array]]:
    # Copies: an iterator may hand out one buffer again and again, and code may shuffle in place.
    batches = minibatches(X.copy(), y.copy(), batch_size, rng=rng)
    return [(np.array(rows), np.array(labels)) for rows, labels in batches]


def _mispaired(parts: list[tuple[Array, Array]], where: str) -> Evidence:
    wrong, first = 0, ""
    for rows, labels in parts:
        n = min(len(rows), len(labels))
        off = np.flatnonzero(rows[:n, 0] != labels[:n])
        if off.size and not first:
            i = int(off[0])
            first = f", row {int(rows[i, 0])} has the label of row {int(labels[i])}"
        wrong += off.size + abs(len(rows) - len(labels))
    text = f"{wrong} rows have another row's label{first}; {where}"
    return Evidence(float(wrong), 0.0, where, text)


def _uncovered(parts: list[tuple[Array, Array]], y: Array, where: str) -> Evidence:
    tags = np.concatenate([rows[:, 0] for rows, _ in parts]).astype(int) if parts else y[:0]
    times = np.bincount(tags, minlength=len(y))
    missing, repeated = int((times == 0).sum()), int((times > 1).sum())
    example = f", row {int(np.argmin(times))} among those missing" if missing else ""
    text = f"{missing} of {len(y)} rows never come and {repeated} come twice{example}; {where}"
    return Evidence(float(missing + repeated), 0.0, where, text)


def _exactly(got: Any, expected: Array, what: str, where: str) -> Evidence:
    if why := misfit(got, expected):
        return Evidence(np.inf, 0.0, where, f"{what} {why}; {where}")
    if got.dtype != expected.dtype:
        text = f"{what} is {got.dtype}, expected {expected.dtype}; {where}"
        return Evidence(np.inf, 0.0, where, text)
    wrong = np.argwhere(got != expected)
    text = f"{what}: every entry is right; {where}"
    if len(wrong):
        first = tuple(wrong[0])
        text = f"{what}: {entry('rows', first)} is {got[first]:g}, expected {expected[first]:g}"
        text += f", {len(wrong)} entries are wrong; {where}"
    return Evidence(float(len(wrong)), 0.0, where, text)


def _standardised(Z: Any, A: Array, X: Array, where: str) -> Evidence:
    """Hold `Z` against `A` in the terms of `X`; `measured` is in units of what is granted."""
    if (why := misfit(Z, A)) or Z.dtype != A.dtype:
        text = f"standardise {why or f'gives {Z.dtype}, expected {A.dtype}'}; {where}"
        return Evidence(np.inf, 0.0, where, text)
    exact = X.astype(np.longdouble)
    mean = exact.mean(axis=0)
    scale = np.sqrt(((exact - mean) ** 2).mean(axis=0))
    scale = np.where(np.ptp(X, axis=0) > 0, scale, 1)
    right = (A.astype(np.longdouble) - mean) / scale
    granted = 100 * np.finfo(A.dtype).eps * (1 + np.abs(mean) / scale + np.abs(right))
    off = np.nan_to_num((np.abs(Z - right) / granted).astype(np.float64), nan=np.inf)
    index = np.unravel_index(off.argmax(), off.shape)
    text = f"{entry('Z', index)} is {Z[index]:.6g}, expected {float(right[index]):.6g}; {where}"
    return Evidence(float(off.max()), 1.0, where, text)


def _shortened(sizes: list[int]) -> str:
    return str(sizes) if len(sizes) < 9 else f"[{', '.join(map(str, sizes[:6]))}, ...]"
