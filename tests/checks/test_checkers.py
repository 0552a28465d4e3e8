"""The checks of gradient checkers: what is sound passes, and each way to be unsound is named."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from reference_mlp.testing import CHECKS, PROBLEMS, Outcome, Setting, assemble, run_check
from reference_mlp.testing.checker_cases import false_alarms, let_through, right_cases, wrong_cases
from reference_mlp.testing.faults import FAULTS, FaultyNetwork
from reference_mlp.testing.gradient_checker import gradients_are_right

sound = gradients_are_right
NAMES = ["checker_passes_right", "checker_catches_wrong", "checker_leaves_network"]


def run(name, checker, seed=0, dtype=np.float64):
    implementation = assemble("someone's", gradient_checker=checker)
    return run_check(CHECKS[name], implementation, setting=Setting(seed, dtype))


def five_points(network, X, y):
    """A checker that no check was tuned on: five-point differences of every entry.

    Where an entry disagrees it tries shorter steps, and at the shortest anything goes that lies
    between the one-sided slopes.
    """
    grads = network.gradients(X, y)
    params = network.params
    if any(n not in grads or grads[n].shape != p.shape for n, p in params.items()):
        return False
    if not all(np.isfinite(g).all() for g in grads.values()):
        return False
    before = {n: p.copy() for n, p in params.items()}
    single = next(iter(params.values())).dtype == np.float32
    u = 6e-8 if single else 1.1e-16

    def loss(t, v):
        for n, p in params.items():
            p[...] = before[n] + t * v[n] if n in v else before[n]
        return float(network.loss(X, y))

    try:
        for name in params:
            for at in np.ndindex(params[name].shape):
                v = {name: np.zeros(params[name].shape)}
                v[name][at] = 1
                slope = float(np.vdot(grads[name], v[name]))
                if not any(_near(loss, v, slope, h, u) for h in (u**0.2, u**0.3, u**0.4)):
                    return False
        return True
    finally:
        for n, p in params.items():
            p[...] = before[n]


def _near(loss, v, slope, h, u):
    at = {t: loss(t * h, v) for t in (-2, -1, 0, 1, 2)}
    central = (8 * (at[1] - at[-1]) - (at[2] - at[-2])) / (12 * h)
    rounding = 40 * u * abs(at[0]) / h
    below, above = sorted([(at[0] - at[-1]) / h, (at[1] - at[0]) / h])
    room = 1e-5 * max(abs(slope), abs(central)) + rounding
    if h < 1e3 * u**0.5 and below - room <= slope <= above + room:
        return True
    return abs(slope - central) <= room


# Of the reference's own it is seen in the matrix, and at other seeds with its other parts.
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", NAMES)
def test_a_sound_checker_passes(name, seed):
    result = run(name, five_points, seed)
    assert result.outcome is Outcome.PASSED, result.message


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: p.name)
def test_the_reference_checker_passes_right_networks_and_no_others(problem, dtype):
    for seed in range(2):
        rng = np.random.default_rng(seed)
        net = problem.build(assemble().make_network, dtype=dtype, rng=rng)
        X, y = problem.batch(dtype=dtype, rng=rng)
        assert gradients_are_right(net, X, y) is True
        for name in ("gradients times N", "last array zero", "all NaN", "bias in shape (1, K)"):
            assert gradients_are_right(FaultyNetwork(net, FAULTS[name]), X, y) is False


class TestFalseAlarms:
    def test_a_checker_that_refuses_float32_is_named(self):
        def picky(network, X, y):
            return X.dtype == np.float64 and sound(network, X, y)

        result = run("checker_passes_right", picky)
        assert result.outcome is Outcome.FLAGGED
        assert result.message.startswith("the checker returns False for right gradients: ")
        assert "float32" in result.message

    def test_one_that_raises_on_a_single_row_is_quoted(self):
        def raising(network, X, y):
            assert len(X) > 1, "a batch, please"
            return sound(network, X, y)

        result = run("checker_passes_right", raising)
        assert result.outcome is Outcome.FLAGGED
        assert "raises AssertionError: a batch, please" in result.message
        assert "a batch of one" in result.message

    @pytest.mark.parametrize("answer", [None, "yes", 1])
    def test_an_answer_that_is_no_bool_is_named(self, answer):
        result = run("checker_passes_right", lambda network, X, y: answer)
        assert result.outcome is Outcome.FLAGGED
        assert f"returns {answer!r}" in result.message

    def test_a_bool_of_numpy_will_do(self):
        result = run("checker_passes_right", lambda network, X, y: np.bool_(True))
        assert result.outcome is Outcome.PASSED


class TestWrongNetworks:
    @pytest.mark.parametrize("fault", FAULTS)
    def test_a_checker_blind_to_one_fault_is_told_which(self, fault):
        def blind(network, X, y):
            return not isinstance(network, FaultyNetwork) or network.fault is FAULTS[fault]

        result = run("checker_catches_wrong", blind)
        assert result.outcome is Outcome.FLAGGED
        assert f"wrong networks through: {fault}" in result.message

    @pytest.mark.parametrize("fault", FAULTS)
    def test_every_fault_changes_what_a_network_answers(self, fault):
        for case in wrong_cases(3):
            if case.name == fault:
                grads = case.network.gradients(case.X, case.y)
                right = case.network.network.gradients(case.X, case.y)
                alike = grads.keys() == right.keys() and all(
                    np.array_equal(grads[name], right[name]) for name in right
                )
                assert not alike
                return
        pytest.fail(f"{fault} is in no case")

    def test_raising_is_as_loud_as_false(self):
        def strict(network, X, y):
            if not sound(network, X, y):
                raise AssertionError
            return True

        assert run("checker_catches_wrong", strict).outcome is Outcome.PASSED

    def test_always_yes_lets_all_through(self):
        n = len(list(wrong_cases(0)))
        result = run("checker_catches_wrong", lambda network, X, y: True)
        assert result.evidence.measured == n
        assert f"lets {n} of {n}" in result.message


class TestLeavesNetwork:
    def flagged(self, spoil):
        def checker(network, X, y):
            right = sound(network, X, y)
            spoil(network, X, y, right)
            return right

        result = run("checker_leaves_network", checker)
        assert result.outcome is Outcome.FLAGGED
        return result.message

    def test_one_entry_moved_by_an_ulp(self):
        def spoil(network, X, y, right):
            p = network.params["2.W"]
            p[0, 1] = np.nextafter(p[0, 1], 9)

        assert "2.W in 1 of 4 entries" in self.flagged(spoil)

    def test_only_after_a_fault(self):
        def spoil(network, X, y, right):
            if not right:
                network.params["0.b"] += 1

        assert "0.b in 2 of 2 entries; " in self.flagged(spoil)

    def test_an_array_replaced_by_an_equal_one(self):
        def spoil(network, X, y, right):
            network.params["0.b"] = network.params["0.b"].copy()

        assert "0.b, another array" in self.flagged(spoil)

    def test_inputs_and_targets(self):
        def spoil(network, X, y, right):
            X[0, 0] += 1
            y[...] = 0

        message = self.flagged(spoil)
        assert "changes X" in message

    def test_the_callers_random_numbers(self):
        message = self.flagged(lambda *_: np.random.random())  # noqa: NPY002 - the fault itself
        assert "the state of np.random" in message

    def test_the_state_of_np_random_is_the_callers_afterwards(self):
        before = np.random.get_state()[1].copy()  # noqa: NPY002
        for name in NAMES:
            run(name, lambda *_: bool(np.random.random() < 2))  # noqa: NPY002
        assert np.array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_the_lists_name_the_cases():
    assert false_alarms(lambda *_: False) == [case.name for case in right_cases(0)]
    assert let_through(lambda *_: True) == [case.name for case in wrong_cases(0)]
    assert let_through(functools.partial(sound)) == false_alarms(sound) == []


def test_right_cases_have_kinks_dead_units_and_a_large_loss():
    cases = {case.name: case for case in right_cases(0)}
    assert len(cases) == len(list(right_cases(0)))
    large = cases["a loss of about 1e6, float64"]
    assert 1e5 < large.network.loss(large.X, large.y) < 1e8
    kinks = cases["relus on their kinks and dead, float64"]
    z = kinks.X @ kinks.network.params["0.W"] + kinks.network.params["0.b"]
    assert (z[1, 1:] == 0).all()
    assert (z[:, 0] < 0).all()
    assert not kinks.network.gradients(kinks.X, kinks.y)["0.W"][:, 0].any()


def test_a_faulty_network_leaves_the_right_one_as_it_was():
    case = next(iter(right_cases(0)))
    before = {name: g.copy() for name, g in case.network.gradients(case.X, case.y).items()}
    for fault in FAULTS.values():
        faulty = FaultyNetwork(case.network, fault)
        faulty.gradients(case.X, case.y)
        _, tape = faulty.forward(case.X)
        faulty.backward(tape, case.y)
        assert faulty.loss_and_gradients(case.X, case.y)[0] == case.network.loss(case.X, case.y)
    after = case.network.gradients(case.X, case.y)
    assert all(np.array_equal(after[name], before[name]) for name in before)
