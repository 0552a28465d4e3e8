"""Where functions first go wrong, against the numbers that arithmetic gives."""

import mpmath
import numpy as np
import pytest

from buggy_variants.catalog import catalog
from reference_mlp import softmax
from reference_mlp.testing import assemble
from reference_mlp.testing.stability import PATHS, Path, distance, first_failure, first_failures
from reference_mlp.testing.stability.parts import values

DTYPES = [np.float16, np.float32, np.float64]
UNSTABLE = {
    "GB001": "softmax",
    "GB002": "softmax",
    "GB003": "cross_entropy",
    "GB004": "cross_entropy_gradient",
    "GB005": "cross_entropy",
    "GB008": "sigmoid",
}


def naive_softmax(z):
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)


def overflow_of_exp(dtype):
    """The smallest t whose e^t rounds to infinity."""
    info = np.finfo(dtype)
    with mpmath.workprec(200):
        limit = mpmath.log(
            mpmath.mpf(float(info.max)) + mpmath.mpf(2) ** (info.maxexp - info.nmant - 2)
        )
        t = dtype(float(limit))
        while mpmath.mpf(float(t)) < limit:
            t = np.nextafter(t, dtype(np.inf))
        while mpmath.mpf(float(np.nextafter(t, dtype(0)))) >= limit:
            t = np.nextafter(t, dtype(0))
    return t


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_naive_softmax_fails_where_exp_overflows_to_the_last_bit(dtype):
    found = first_failure(naive_softmax, "softmax", dtype=dtype, path=PATHS["rows"][0])
    # NumPy's exp may itself be an ULP off at the end of its range.
    assert distance(np.array(dtype(found.t)), np.array(overflow_of_exp(dtype))) <= 1
    before = np.nextafter(dtype(found.t), dtype(0))
    with np.errstate(all="ignore"):
        assert np.isfinite(naive_softmax(np.array([[0, before, 0]], dtype))).all()
        assert np.isnan(naive_softmax(np.array([[0, found.t, 0]], dtype))).any()


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_planted_step_is_found_exactly(dtype):
    step = dtype(3.1415927)

    def function(z):
        p = softmax(z)
        p[(z >= step).any(axis=1)] = 0
        return p

    assert first_failure(function, "softmax", dtype=dtype, path=PATHS["rows"][0]).t == step


def test_a_function_that_is_wrong_everywhere_is_wrong_at_0():
    assert first_failure(lambda z: z * 0, "softmax").t == 0


def test_a_path_of_ones_own():
    far = Path("z = (1e6, 1e6 + t)", lambda t: (np.array([[1e6, 1e6 + float(t[0])]]),))
    assert first_failure(naive_softmax, "softmax", path=far).t == 0
    assert first_failure(softmax, "softmax", path=far) is None


def test_warnings_may_be_let_pass():
    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    assert first_failure(sigmoid, "sigmoid").t == pytest.approx(709.78, abs=0.01)
    assert first_failure(sigmoid, "sigmoid", warnings_count=False) is None


def test_the_reference_never_fails():
    assert first_failures(assemble(), dtypes=(np.float32, np.float64)) == []


@pytest.mark.parametrize("variant", UNSTABLE)
def test_each_unstable_variant_has_its_number(variant):
    found = {
        (failure.subject, failure.dtype): failure
        for failure in first_failures(catalog()[variant].implementation, parts={UNSTABLE[variant]})
    }
    t = [found[UNSTABLE[variant], np.dtype(dtype).name].t for dtype in DTYPES]
    bug = catalog()[variant].slug
    if bug != "log_p_plus_eps":
        # Where exponentials run out: later the more exponents a precision has.
        assert t == sorted(t)
        for value, low, high in zip(t, (9.7, 86, 708), (17.4, 104, 745.2), strict=True):
            assert low <= value <= high, bug
    else:
        # The constant shows the sooner the more digits there are to see it, but in float16, where
        # it is 0, it is the logarithm of a subnormal probability that is off.
        assert t[1] > t[2]


def test_the_text_says_where_and_what():
    loss = catalog()["GB003"].implementation.losses["softmax_cross_entropy"]
    text = str(first_failure(values(loss), "cross_entropy"))
    assert text.startswith("cross_entropy of float64, z = (0, t, 0), y = 0: wrong from t = 7")
    assert "ULP" in text
