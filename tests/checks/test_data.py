"""The checks of functions of data: what the catalog doesn't have is flagged, right code isn't."""

from __future__ import annotations

import numpy as np
import pytest

from reference_mlp.testing import CHECKS, Implementation, Outcome, Setting, run_check

every_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def run(check, dtype=np.float64, seed=3, **parts):
    implementation = Implementation(name="someone's", **parts)
    return run_check(CHECKS[check], implementation, setting=Setting(seed, dtype))


def assert_flagged(result, message):
    assert result.outcome is Outcome.FLAGGED
    assert message in result.message


def rows_of_identity(y, n_classes, *, dtype=float):
    return np.eye(n_classes, dtype=dtype)[y]


def compared(y, n_classes, *, dtype=float):
    return (y[:, None] == np.arange(n_classes)).astype(dtype)


@every_dtype
@pytest.mark.parametrize("one_hot", [rows_of_identity, compared])
def test_other_right_encoders_pass(one_hot, dtype):
    assert run("one_hot_rows", dtype, one_hot=one_hot).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("one_hot", "message"),
    [
        (lambda y, k, dtype: rows_of_identity(y, k, dtype=dtype).T, "has shape (4, 5), expected"),
        (lambda y, k, dtype: rows_of_identity(y, k, dtype=np.uint8), "is uint8, expected float64"),
        (lambda y, k, dtype: rows_of_identity(y.astype(np.uint8), k, dtype=dtype), "300): rows[1,"),
        (lambda y, k, dtype: compared(y, k, dtype=dtype) * y[:, None], "rows[1,0] is 0, expected"),
    ],
    ids=["transposed", "bytes", "labels as bytes", "times the label"],
)
def test_a_wrong_encoder_is_flagged(one_hot, message):
    assert_flagged(run("one_hot_rows", one_hot=one_hot), message)


def by_random_keys(X, y, batch_size, *, rng):
    """Another shuffle, and one pair of buffers that every batch is written into."""
    n = len(X)
    order = np.argsort(rng.random(n)) if batch_size else np.arange(n)
    size = batch_size or n
    rows, labels = np.empty((size, *X.shape[1:]), X.dtype), np.empty(size, y.dtype)
    for start in range(0, n, size):
        chosen = order[start : start + size]
        m = len(chosen)
        rows[:m], labels[:m] = X[chosen], y[chosen]
        yield rows[:m], labels[:m]


@every_dtype
def test_another_right_iterator_passes_also_with_one_buffer(dtype):
    result = run("batches_cover", dtype, minibatches=by_random_keys)
    assert result.outcome is Outcome.PASSED, result.message


def cut(X, y, order, batch_size):
    size = batch_size or len(X)
    return [(X[order[i : i + size]], y[order[i : i + size]]) for i in range(0, len(order), size)]


def unshuffled(X, y, batch_size, *, rng):
    return cut(X, y, np.arange(len(X)), batch_size)


def batches_shuffled(X, y, batch_size, *, rng):
    """Full batches in another order each epoch, each of the same rows for ever."""
    made = cut(X, y, np.arange(len(X)), batch_size)
    full = made[:-1]
    rng.shuffle(order := np.arange(len(full)))
    return [full[i] for i in order] + made[-1:]


def random_offset(X, y, batch_size, *, rng):
    order = np.roll(np.arange(len(X)), -int(rng.integers(1, len(X))))
    return cut(X, y, order[:-5], batch_size)


def last_one_padded(X, y, batch_size, *, rng):
    order = rng.permutation(len(X)) if batch_size else np.arange(len(X))
    missing = -len(X) % (batch_size or 1)
    return cut(X, y, np.concatenate([order, order[:missing]]), batch_size)


def labels_rolled(X, y, batch_size, *, rng):
    return [(rows, np.roll(of, 1)) for rows, of in by_random_keys(X, y, batch_size, rng=rng)]


@pytest.mark.parametrize(
    ("minibatches", "message"),
    [
        (unshuffled, "the second epoch has the order of the first"),
        (batches_shuffled, "the same rows share a batch in every epoch"),
        (random_offset, "rows never come"),
        (last_one_padded, "come twice"),
        (labels_rolled, "has the label of row"),
    ],
)
def test_a_wrong_iterator_is_flagged(minibatches, message):
    assert_flagged(run("batches_cover", minibatches=minibatches), message)


def by_mask(X, y, fraction, *, rng):
    held_out = np.zeros(len(X), bool)
    held_out[rng.choice(len(X), round(fraction * len(X)), replace=False)] = True
    return (X[~held_out], y[~held_out]), (X[held_out], y[held_out])


def parts(X, y, order, n_first, n_second):
    first, second = order[:n_first], order[len(order) - n_second :]
    return (X[first], y[first]), (X[second], y[second])


def test_a_split_by_mask_passes():
    assert run("split_parts", split=by_mask).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("split", "message"),
    [
        (lambda X, y, f, rng: parts(X, y, rng.permutation(64), 49, 16), "come twice"),
        (lambda X, y, f, rng: parts(X, y, rng.permutation(64), 47, 16), "1 of 64 rows never come"),
        (lambda X, y, f, rng: parts(X, y, rng.permutation(64), 16, 48), "[16, 48] rows, expected"),
        (lambda X, y, f, rng: parts(X, y, np.arange(64), 48, 16), "unshuffled"),
        (lambda X, y, f, rng: parts(X, y, np.arange(64)[::-1], 48, 16), "unshuffled"),
        (
            lambda X, y, f, rng: parts(X, y, np.random.default_rng().permutation(64), 48, 16),
            "another split",
        ),
    ],
    ids=["overlap", "gap", "swapped", "in order", "reversed", "unseeded"],
)
def test_a_wrong_split_is_flagged(split, message):
    assert_flagged(run("split_parts", split=split), message)


def in_terms_of(X, others, mean, scale):
    return tuple((A - mean) / scale for A in (X, *others))


def two_passes_in_its_own_dtype(X, *others):
    mean = X.mean(axis=0)
    scale = np.sqrt(np.square(X - mean).mean(axis=0))
    scale[np.ptp(X, axis=0) == 0] = 1
    return in_terms_of(X, others, mean, scale)


def one_less(X, *others):
    scale = X.std(axis=0, ddof=1) if len(X) > 1 else np.ones(X.shape[1], X.dtype)
    return in_terms_of(X, others, X.mean(axis=0), np.where(scale > 0, scale, 1))


def by_variance(X, *others):
    var = X.var(axis=0)
    return in_terms_of(X, others, X.mean(axis=0), np.where(var > 0, var, 1))


def in_one_pass(X, *others):
    mean = X.mean(axis=0)
    var = np.square(X).mean(axis=0) - mean * mean
    var[(var <= 0) | (np.ptp(X, axis=0) == 0)] = 1
    return in_terms_of(X, others, mean, np.sqrt(var))


def plus_epsilon(X, *others):
    return in_terms_of(X, others, X.mean(axis=0), X.std(axis=0) + np.asarray(1e-8, X.dtype))


@every_dtype
def test_another_right_standardisation_passes(dtype):
    result = run("standardised_columns", dtype, standardise=two_passes_in_its_own_dtype)
    assert result.outcome is Outcome.PASSED, result.message


@every_dtype
@pytest.mark.parametrize(
    ("standardise", "message"),
    [
        (one_less, "expected"),
        (by_variance, "expected"),
        (in_one_pass, ",3] is"),
        (plus_epsilon, "the other set, columns that don't vary"),
        (lambda *sets: tuple(A.astype(np.float16) for A in sets), "gives float16, expected"),
    ],
    ids=["ddof", "variance", "one pass", "epsilon", "dtype"],
)
def test_a_wrong_standardisation_is_flagged(standardise, message, dtype):
    assert_flagged(run("standardised_columns", dtype, standardise=standardise), message)


def rows(images):
    return images.reshape(len(images), -1)


@every_dtype
def test_pixels_multiplied_by_the_inverse_pass(dtype):
    def scale(images, dtype):
        return rows(images).astype(dtype) * np.asarray(1 / 255, dtype)

    assert run("pixels_scaled", dtype, scale_pixels=scale).outcome is Outcome.PASSED


@every_dtype
@pytest.mark.parametrize(
    ("scale", "message"),
    [
        (lambda x, dtype: rows(x).astype(dtype) / 256, "pixel 255 becomes 0.996094, expected 1"),
        (lambda x, dtype: (rows(x) * 2).astype(dtype) / 510, "expected"),
        (lambda x, dtype: rows(x.swapaxes(1, -1)).astype(dtype) / 255, "expected"),
        (lambda x, dtype: x.astype(dtype) / 255, "has shape (3, 10, 17), expected (3, 170)"),
        (lambda x, dtype: (rows(x) // 255).astype(dtype), "pixel 254 becomes 0, expected 0.99"),
    ],
    ids=["256", "wraps", "columns first", "not flat", "whole numbers"],
)
def test_pixels_scaled_wrongly_are_flagged(scale, message, dtype):
    assert_flagged(run("pixels_scaled", dtype, scale_pixels=scale), message)
