"""`check_stability` both ways: stable functions pass, unstable ones are found where they fail."""

import json

import numpy as np
import pytest
import scipy.special

from reference_mlp import softplus
from reference_mlp.testing.stability import SUBJECTS, check_stability, first_failure, measure


def naive_softmax(z):
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)


def shifted_softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def shifted_log_softmax(z):
    d = z - z.max(axis=1, keepdims=True)
    return d - np.log(np.exp(d).sum(axis=1, keepdims=True))


def two_sided_sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 / (1 + e), e / (1 + e))


def overflowing_sigmoid(z):
    return 1 / (1 + np.exp(-z))  # a warning, and no wrong number


def softplus_without_nan(z):
    return np.fmax(softplus(z), 0)


LEGAL = [
    ("softmax", shifted_softmax),
    ("softmax", lambda z: scipy.special.softmax(z, axis=1)),
    ("log_softmax", shifted_log_softmax),
    ("log_softmax", lambda z: z - scipy.special.logsumexp(z, axis=1, keepdims=True)),
    ("logsumexp", lambda z: scipy.special.logsumexp(z, axis=1, keepdims=True)),
    ("sigmoid", scipy.special.expit),
    ("sigmoid", two_sided_sigmoid),
    ("sigmoid_derivative", lambda z: scipy.special.expit(z) * (1 - scipy.special.expit(z))),
    ("softplus", lambda z: np.logaddexp(0, z).astype(z.dtype)),
    ("log_sigmoid", scipy.special.log_expit),
    ("tanh", np.tanh),
    ("tanh_derivative", lambda z: 1 - np.tanh(z) ** 2),
]
UNSTABLE = [
    ("softmax", naive_softmax),
    ("log_softmax", lambda z: np.log(shifted_softmax(z))),
    ("logsumexp", lambda z: np.log(np.exp(z).sum(axis=1, keepdims=True))),
    ("sigmoid", overflowing_sigmoid),
    ("sigmoid", lambda z: np.exp(z) / (1 + np.exp(z))),
    ("softplus", lambda z: np.log(1 + np.exp(z))),
    ("log_sigmoid", lambda z: np.log(two_sided_sigmoid(z))),
    ("tanh", lambda z: 1 - 2 / (np.exp(2 * np.clip(z, -40, 40)) + 1)),  # cancels near 0
    ("softplus", softplus_without_nan),
]


@pytest.mark.parametrize(("like", "function"), LEGAL)
def test_a_legal_rewrite_is_clean(like, function):
    report = check_stability(function, like=like)
    assert report.stable, str(report)
    assert report.findings == []


@pytest.mark.parametrize(("like", "function"), UNSTABLE)
def test_an_unstable_function_is_found(like, function):
    report = check_stability(function, like=like)
    assert not report.stable
    for precision in report.precisions:
        assert precision.findings()
        json.dumps(report.to_dict(), allow_nan=False)
        assert report.findings[0] in str(report)


def test_the_worst_input_can_be_replayed_from_the_text():
    report = check_stability(naive_softmax, like="softmax", dtypes=(np.float32,))
    (precision,) = report.precisions
    z = eval(precision.replay, {"np": np, "nan": np.nan, "inf": np.inf})  # noqa: S307
    np.testing.assert_array_equal(z, precision.measurement.replay(precision.measurement.worst)[0])
    with np.errstate(all="ignore"):
        assert np.isnan(naive_softmax(z)).any()


def test_the_first_failing_input_is_the_smallest_one_that_fails():
    found = measure(lambda z: np.log1p(np.exp(np.minimum(z, 709))), "softplus")
    z = found.arguments[0]
    assert z[found.first_failing[0]] == np.abs(z[found.excess > 4]).min()
    assert measure(softplus, "softplus").first_failing is None


def test_notebooks_get_a_table():
    html = check_stability(naive_softmax, like="softmax")._repr_html_()
    assert "<table>" in html
    assert "like softmax: not stable" in html
    assert html.count("<tr>") == 3


def test_the_plot_shows_each_dtype():
    pytest.importorskip("matplotlib")
    figure = check_stability(naive_softmax, like="softmax").plot()
    assert [ax.get_title() for ax in figure.axes] == ["softmax, float32", "softmax, float64"]
    for ax in figure.axes:
        right, wrong = ax.lines[0], ax.lines[1]
        assert len(right.get_xdata()) > 100
        assert len(wrong.get_xdata()) > 10


@pytest.mark.parametrize(
    ("function", "like", "error", "text"),
    [
        (softplus, "soft_plus", ValueError, "expected one of sigmoid"),
        (lambda z: z[:-1], "softplus", ValueError, r"expected \("),
        (lambda z: softplus(z).astype(np.longdouble), "softplus", TypeError, "expected float32"),
    ],
)
def test_what_can_not_be_judged_is_refused(function, like, error, text):
    with pytest.raises(error, match=text):
        check_stability(function, like=like)


def test_a_function_that_writes_into_its_argument_is_judged_by_its_result():
    def in_place(z):
        z -= z.max(axis=1, keepdims=True)
        np.exp(z, out=z)
        z /= z.sum(axis=1, keepdims=True)
        return z

    assert check_stability(in_place, like="softmax").stable


def test_no_function_is_without_a_path():
    for name in SUBJECTS:
        ours = {"elementwise": lambda z: z * np.nan}.get(SUBJECTS[name].kind)
        if ours is not None:
            assert first_failure(ours, name).t == 0
