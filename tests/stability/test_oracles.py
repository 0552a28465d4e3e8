"""The oracles against mpmath with 300 bits, and the condition numbers against differences."""

import mpmath
import numpy as np
import pytest

from reference_mlp import softmax
from reference_mlp.testing.oracles import binary_cross_entropy, squared_error
from reference_mlp.testing.stability import SUBJECTS, arithmetic, inputs, measure, ulp, ulp_error
from reference_mlp.testing.stability.arithmetic import arithmetic_for, in_mpmath, split
from reference_mlp.testing.stability.inputs import GAPS

WIDE = np.finfo(np.longdouble).nmant >= 62
Z = np.array([s * (g + d) for g in GAPS for s in (1, -1) for d in (0, 1e-9, 0.3)])


def some_rows():
    z = inputs.rows(np.float64, width=4, n=40)
    return z[np.abs(z).max(axis=1) < 1e5][::3]


def textbook(name, z, y):
    """Return `name` by its definition, with 12,000 bits: nothing overflows, nothing cancels."""
    log = mpmath.log
    with mpmath.workprec(12_000):
        v = [mpmath.mpf(float(x)) for x in np.ravel(z)]
        e = [mpmath.exp(x) for x in v]
        total = sum(e)
        s = [x / (1 + x) for x in e]
        found = {
            "softmax": lambda: [x / total for x in e],
            "log_softmax": lambda: [log(x / total) for x in e],
            "logsumexp": lambda: [log(total)],
            "cross_entropy": lambda: [-log(e[y] / total)],
            "cross_entropy_gradient": lambda: [x / total - (i == y) for i, x in enumerate(e)],
            "sigmoid": lambda: s,
            "sigmoid_derivative": lambda: [x * (1 - x) for x in s],
            "softplus": lambda: [log(1 + x) for x in e],
            "log_sigmoid": lambda: [log(x) for x in s],
            "log_sigmoid_derivative": lambda: [1 - x for x in s],
            "tanh": lambda: [(x * x - 1) / (x * x + 1) for x in e],
            "tanh_derivative": lambda: [4 * x * x / (x * x + 1) ** 2 for x in e],
        }[name]()
        return [float(x) for x in found]


ROWS = ["softmax", "log_softmax", "logsumexp", "cross_entropy", "cross_entropy_gradient"]
ELEMENTWISE = [name for name, subject in SUBJECTS.items() if subject.kind == "elementwise"]


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_elementwise_oracles_are_the_definitions(name):
    z = np.array([v for v in Z if abs(v) < 800])[::8]
    expected = np.array([textbook(name, np.array([v]), 0)[0] for v in z])
    exact, _ = SUBJECTS[name].exact(np.float64, z)
    np.testing.assert_array_max_ulp(exact.astype(np.float64), expected, maxulp=1)


@pytest.mark.parametrize("name", ROWS)
def test_row_oracles_are_the_definitions(name):
    z = some_rows()
    z = z[np.abs(z).max(axis=1) < 1500][::16]
    y = inputs.labels(z)
    exact, _ = SUBJECTS[name].exact(np.float64, *((z, y) if "cross" in name else (z,)))
    expected = np.array([textbook(name, row, label) for row, label in zip(z, y, strict=True)])
    got = exact.reshape(expected.shape).astype(np.float64)
    np.testing.assert_array_max_ulp(got, expected, maxulp=1)


@pytest.mark.skipif(not WIDE, reason="longdouble is float64 here, and mpmath the oracle itself")
@pytest.mark.parametrize("name", SUBJECTS)
def test_longdouble_and_mpmath_agree_to_a_hundredth_of_an_ulp(name):
    subject = SUBJECTS[name]
    z = Z if subject.kind == "elementwise" else some_rows()
    arguments = (z,) if subject.targets is None else (z, subject.targets(z))
    ours, _ = subject.exact(np.float64, *arguments)
    m = in_mpmath(300)
    high, low = split(np.asarray(subject.oracle(m, m.of(z), *arguments[1:])))
    # Of log_softmax and its kin near zero, both are as good as their condition number lets them.
    condition = subject.condition_number(np.float64, *arguments)
    off = np.abs((ours - high) - low) / ulp(high.astype(np.longdouble), np.float64)
    assert (off <= 0.01 * (1 + condition)).all()
    assert arithmetic_for(np.float64).name == np.dtype(np.longdouble).name


def test_float64_is_measured_in_mpmath_where_longdouble_is_no_wider(monkeypatch):
    z = some_rows()[:20]
    usual = measure(softmax, "softmax", arguments=(z,))
    monkeypatch.setattr(arithmetic, "GUARD_BITS", 100)
    found = measure(softmax, "softmax", arguments=(z,))
    assert arithmetic_for(np.float64).name == "mpmath, 160 bits"
    np.testing.assert_allclose(found.ulps, usual.ulps, atol=0.01)
    np.testing.assert_allclose(found.condition, usual.condition)


@pytest.mark.parametrize("name", SUBJECTS)
def test_condition_numbers_are_those_of_perturbed_arguments(name):
    # Each argument moved by itself by a relative 1e-7: the moves of the result add up to it.
    subject, h = SUBJECTS[name], 1e-7
    z = Z[np.abs(Z) < 700] if subject.kind == "elementwise" else some_rows()
    z = z[(np.abs(z) < 600).reshape(len(z), -1).all(axis=1)]
    targets = () if subject.targets is None else (subject.targets(z),)
    condition = subject.condition_number(np.float64, z, *targets)
    base, _ = subject.exact(np.float64, z, *targets)
    columns = 1 if z.ndim == 1 else z.shape[1]
    moved = np.zeros(base.shape)
    for j in range(columns):
        step = np.ones(columns)
        step[j] += h
        plus, _ = subject.exact(np.float64, z * step[0] if z.ndim == 1 else z * step, *targets)
        moved += np.abs(plus - base).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.where(base == 0, 0, moved / np.abs(base) / h).astype(float)
    clear = (condition < 1e3) & (condition > 1e-3) & np.isfinite(found) & (base != 0)
    if name.startswith("squared"):
        # There the targets are arguments too.
        assert (found[clear] <= condition[clear] * (1 + 1e-3) + 1e-3).all()
    else:
        np.testing.assert_allclose(found[clear], condition[clear], rtol=2e-3, atol=1e-3)


def test_ulp_errors_of_the_oracle_itself_are_below_a_half():
    exact, _ = SUBJECTS["softmax"].exact(np.float32, inputs.rows(np.float32))
    assert ulp_error(exact.astype(np.float32), exact).max() <= 0.5


@pytest.mark.parametrize("name", ["binary_cross_entropy", "squared_error"])
def test_oracles_of_losses_are_the_definitions_in_decimal_arithmetic(name):
    # Of fifty digits 1 - s has twenty left where the logit is 70.
    z = some_rows()
    z = z[np.abs(z).max(axis=1) < 70]
    y = SUBJECTS[name].targets(z)
    of_row = {"binary_cross_entropy": binary_cross_entropy, "squared_error": squared_error}[name]
    found = [of_row(*map(np.ndarray.tolist, row)) for row in zip(z, y, strict=True)]
    for subject, expected in (
        (name, np.array([value for value, _ in found])),
        (f"{name}_gradient", np.array([gradient for _, gradient in found])),
    ):
        exact, _ = SUBJECTS[subject].exact(np.float64, z, y)
        np.testing.assert_array_max_ulp(exact.astype(np.float64), expected, maxulp=1)
