"""Initial weights: planted faults are named, the ways that others start their networks pass."""

from dataclasses import replace

import numpy as np
import pytest

import reference_mlp as mlp
from reference_mlp.testing import CHECKS, Implementation, Outcome, Setting, assemble, run_check
from tests.testing.rewrites import FeaturesFirst


def _he_uniform_as_normal(n_in, n_out, *, rng, dtype=np.float64):
    return rng.normal(0, np.sqrt(2 / n_in), (n_in, n_out)).astype(dtype)


def _shifted(n_in, n_out, *, rng, dtype=np.float64):
    return mlp.glorot_normal(n_in, n_out, rng=rng, dtype=dtype) + np.asarray(0.01, dtype)


def _transposed(n_in, n_out, *, rng, dtype=np.float64):
    return mlp.he_normal(n_out, n_in, rng=rng, dtype=dtype)


def _double(n_in, n_out, *, rng, dtype=np.float64):
    return mlp.he_normal(n_in, n_out, rng=rng)


def _nearly_zeros(n_in, n_out, *, rng=None, dtype=np.float64):
    return np.full((n_in, n_out), 1e-9, dtype)


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"he_uniform": _he_uniform_as_normal}, "the distribution is off"),
        ({"glorot_normal": _shifted}, "mean 0.01"),
        ({"he_normal": _transposed}, "of shape (80, 240), expected"),
        ({"he_normal": _double}, "drew float64"),
        ({"zeros": _nearly_zeros}, "19200 entries are not zero"),
    ],
)
def test_another_law_is_flagged_by_what_is_wrong_with_it(parts, words):
    setting = Setting(0, np.float32)
    result = run_check(CHECKS["initial_law"], assemble("bug", **parts), setting=setting)
    assert result.outcome is Outcome.FLAGGED
    assert words in result.message


def _remembered():
    drawn = {}

    def draw(n_in, n_out, *, rng, dtype=np.float64):
        if (n_in, n_out) not in drawn:
            drawn[n_in, n_out] = mlp.he_normal(n_in, n_out, rng=rng, dtype=dtype)
        return drawn[n_in, n_out]

    return draw


def _rank_one(n_in, n_out, *, rng, dtype=np.float64):
    return np.outer(rng.normal(size=n_in), rng.normal(size=n_out)).astype(dtype)


def _reseeding(n_in, n_out, *, rng, dtype=np.float64):
    np.random.seed(0)  # noqa: NPY002 - the fault
    return mlp.he_normal(n_in, n_out, rng=rng, dtype=dtype)


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (_remembered(), "another seed gave the same weights; two layers of one shape got the same"),
        (_rank_one, "the weights have not full rank; he_normal"),
        (_reseeding, "NumPy's global generator was used; he_normal"),
    ],
)
def test_draws_that_are_not_from_the_generator_are_flagged(draw, words):
    state = np.random.get_state()  # noqa: NPY002
    try:
        result = run_check(CHECKS["initial_draws"], assemble("bug", he_normal=draw))
    finally:
        np.random.set_state(state)  # noqa: NPY002
    assert result.outcome is Outcome.FLAGGED
    assert result.message.startswith(words)


class _Start(FeaturesFirst):
    """A network of another layout, whose weights are then changed by `start`."""

    @staticmethod
    def start(params, rng):
        raise NotImplementedError

    def __init__(self, *args, rng, **kwargs):
        super().__init__(*args, rng=rng, **kwargs)
        self.start(self.params, rng)


def _starting(start):
    kind = type("Start", (_Start,), {"start": staticmethod(start)})
    return Implementation(name="start", make_network=kind)


def _twins(params, rng):
    params["W1"][1::2] = params["W1"][::2]


def _absolute(params, rng):
    np.abs(params["W1"], out=params["W1"])


def _repeated(params, rng):
    n = params["W2"].size
    params["W2"].flat = params["W1"].ravel()[:n]


def _tenfold(params, rng):
    params["W1"] *= 10


def _ones_in_biases(params, rng):
    params["b1"][...] = 1


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (_twins, "160 of 320 units in W1 are copies"),
        (_absolute, "107520 of 107520 weights in W1 are positive"),
        (_repeated, "W1 and W2 have correlation 1 number by number"),
        (_tenfold, "W1 makes what it is given"),
        (_ones_in_biases, "b1 has root mean square 1"),
    ],
)
def test_a_bad_start_is_flagged_in_any_layout(start, words):
    result = run_check(CHECKS["initial_network"], _starting(start))
    assert result.outcome is Outcome.FLAGGED
    assert words in result.message


def _silent_last_layer(params, rng):
    list(params.values())[-2][...] = 0


def _torch_default(params, rng):
    for name, p in params.items():
        a = 1 / np.sqrt(params[name.replace("b", "W")].shape[1])
        p[...] = rng.uniform(-a, a, p.shape)


def _orthogonal(params, rng):
    for name, p in params.items():
        if name[0] == "W":
            u, _, vt = np.linalg.svd(rng.normal(size=p.shape), full_matrices=False)
            p[...] = u @ vt


def _identity(params, rng):
    params["W1"][...] = np.eye(*params["W1"].shape)


def _small_and_constant(params, rng):
    for name, p in params.items():
        p[...] = 0.01 * rng.standard_normal(p.shape) if name[0] == "W" else 0.1


@pytest.mark.parametrize(
    "start", [_silent_last_layer, _torch_default, _orthogonal, _identity, _small_and_constant]
)
@pytest.mark.parametrize("seed", range(3))
def test_other_honest_starts_pass(start, seed):
    result = run_check(CHECKS["initial_network"], _starting(start), setting=Setting(seed))
    assert result.outcome is Outcome.PASSED, result.message


def _lecun(n_in, n_out, *, rng, dtype=np.float64):
    return rng.normal(0, np.sqrt(1 / n_in), (n_in, n_out)).astype(dtype)


def test_half_the_variance_before_a_relu_is_flagged_in_depth():
    result = run_check(CHECKS["initial_spread"], assemble("bug", he_normal=_lecun))
    assert result.outcome is Outcome.FLAGGED
    assert "times the inputs' after ten relu layers" in result.message


def test_depth_is_asked_only_of_who_has_relu_and_initialisers():
    reference = assemble()
    tanh = tuple(p for p in reference.problems if "relu" not in p.activation)
    spread = CHECKS["initial_spread"]
    assert run_check(spread, reference).outcome is Outcome.PASSED
    for other in (replace(reference, problems=tanh), replace(reference, initialisers=None)):
        assert run_check(spread, other).outcome is Outcome.NOT_APPLICABLE
