"""The check flags planted faults, passes correct code and certifies what it could have missed."""

import json
import zlib
from types import MappingProxyType

import numpy as np
import pytest

import reference_mlp as mlp
from reference_mlp.testing.certified import ControlFailedError, check_gradients
from reference_mlp.testing.evidence import Outcome

ACTIVATIONS = ["relu", "sigmoid", "tanh", "identity"]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("seed", range(3))
def test_correct_networks_pass(case, activation, dtype, seed):
    net, X, y = case(activation=activation, dtype=dtype, seed=seed, l2=0.01)
    report = check_gradients(net, X, y, rng=seed)
    assert report.outcome is Outcome.PASSED, report.message
    assert report.certificate.relative < 1e-6


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_one_entry_off_by_a_thousandth_is_flagged(case, spoiled, activation, dtype):
    net, X, y = case(activation=activation, dtype=dtype)

    def spoil(grads):
        at = np.unravel_index(np.abs(grads["0.W"]).argmax(), grads["0.W"].shape)
        grads["0.W"][at] *= 1.001

    report = check_gradients(spoiled(net, spoil), X, y, rng=1)
    assert report.outcome is Outcome.FLAGGED
    assert "0.W" in report.message
    assert "replay seed 1" in report.message


def test_functions_without_a_batch():
    W, b = np.array([[1.0, 2.0], [3.0, -1.0]]), np.array([0.5, 0.1])
    x = np.array([0.3, -0.7])

    def loss():
        return 0.5 * ((x @ W + b) ** 2).sum()

    def gradients():
        z = x @ W + b
        return {"W": np.outer(x, z), "b": z}

    assert check_gradients((loss, gradients, {"W": W, "b": b}), rng=0)
    wrong = check_gradients((loss, lambda: gradients() | {"b": x @ W}, {"W": W, "b": b}), rng=0)
    assert wrong.outcome is Outcome.FLAGGED
    assert wrong.where.startswith("b")


def test_the_step_is_complex_only_where_the_code_stays_complex(case):
    net, X, y = case(activation="tanh")
    oracles = {r.slope.oracle for r in check_gradients(net, X, y, rng=0).readings}
    assert oracles == {"complex step"}

    def real(X, y):
        return float(np.real(net.loss(X, y)))

    report = check_gradients((real, net.gradients, net.params), X, y, rng=0)
    assert {r.slope.oracle for r in report.readings} == {"D4"}


def test_an_error_of_the_certified_size_is_flagged_wherever_it_lies(case, spoiled):
    net, X, y = case(activation="sigmoid")
    detectable = check_gradients(net, X, y, rng=0).certificate.detectable
    rng = np.random.default_rng(0)
    for seed in range(20):
        e = {name: rng.normal(size=p.shape) for name, p in net.params.items()}
        norm = np.sqrt(sum((a**2).sum() for a in e.values()))

        def spoil(grads, e=e, norm=norm):
            for name, g in grads.items():
                g += 1.5 * detectable / norm * e[name]

        report = check_gradients(spoiled(net, spoil), X, y, rng=seed, localise=False)
        assert report.outcome is Outcome.FLAGGED, seed


def test_more_directions_certify_smaller_errors(case):
    net, X, y = case(activation="sigmoid")
    few = check_gradients(net, X, y, rng=0, directions=1).certificate
    many = check_gradients(net, X, y, rng=0, directions=8).certificate
    assert many.detectable < few.detectable / 1000


def test_the_number_of_losses_does_not_grow_with_the_parameters(case):
    small = check_gradients(*case((5, 4, 3), activation="tanh"), rng=0)
    large = check_gradients(*case((50, 40, 30), activation="tanh"), rng=0)
    assert large.size > 30 * small.size
    assert large.evaluations["certificate"] <= 30
    assert large.evaluations == small.evaluations


def test_coverage_is_the_share_of_entries_that_have_a_gradient(case):
    net, X, y = case(activation="tanh")
    X[:, :3] = 0
    report = check_gradients(net, X, y, rng=0)
    assert report.certificate.coverage["0.W"] == 0.5
    assert "0.W 50.0%" in report.message
    assert "3 of 6 inputs are zero in the whole batch" in report.blind_spots


def test_a_seed_repeats_the_check_bit_for_bit(case):
    net, X, y = case(activation="sigmoid")
    first = check_gradients(net, X, y, rng=np.random.default_rng(5))
    again = check_gradients(net, X, y, rng=first.seed)
    assert first == again


def test_a_generator_gives_other_directions_at_each_call(case):
    net, X, y = case(activation="tanh")
    rng = np.random.default_rng(5)
    assert check_gradients(net, X, y, rng=rng).seed != check_gradients(net, X, y, rng=rng).seed


def test_the_control_is_an_error_where_the_check_can_not_flag(case, monkeypatch):
    from reference_mlp.testing.certified.oracle import Slope

    net, X, y = case(activation="sigmoid")
    monkeypatch.setattr(Slope, "agrees", property(lambda _: True))
    with pytest.raises(ControlFailedError, match="was not flagged"):
        check_gradients(net, X, y, rng=0)


def test_results_are_plain_data_and_a_table(case, spoiled):
    net, X, y = case(activation="tanh")
    report = check_gradients(spoiled(net, lambda g: g["2.b"].fill(0)), X, y, rng=0)
    data = json.loads(json.dumps(report.to_dict()))
    assert data["outcome"] == "flagged"
    assert data["readings"][0]["slope"]["tau"] > 0
    html = report._repr_html_()
    assert html.count("<tr>") == len(report.readings) + 1
    assert "2.b" in html


def test_a_noisy_loss_is_inconclusive(case):
    net, X, y = case(activation="tanh")

    def loss(X, y):
        return net.loss(X, y) + zlib.crc32(net.params["0.b"].tobytes()) / 2**32

    noisy = loss, net.gradients, net.params
    report = check_gradients(noisy, X, y, rng=0)
    assert report.outcome is Outcome.INCONCLUSIVE


def test_float32_arithmetic_inside_is_held_to_its_own_noise():
    rng = np.random.default_rng(0)
    W = rng.normal(size=(5, 3)).astype(np.float32)
    x = rng.normal(size=(4, 5)).astype(np.float32)
    arrays = {"W": W}

    def functions(factor):
        # W, not arrays["W"]: what is put into the dict isn't seen here.
        def loss():
            return np.float32(0.5) * (np.tanh(x @ W) ** 2).sum()

        def gradients():
            t = np.tanh(x @ W)
            return {"W": x.T @ (t * (1 - t * t) * np.float32(factor))}

        return loss, gradients, arrays

    assert check_gradients(functions(1), rng=0).outcome is Outcome.PASSED
    assert check_gradients(functions(1.01), rng=0).outcome is Outcome.FLAGGED


def test_formulas_right_in_float64_and_rounded_too_early_are_flagged(case):
    net, X, y = case(activation="tanh", dtype=np.float32)

    class Coarse(mlp.Network):
        def gradients(self, X, y):
            grads = super().gradients(X, y)
            if X.dtype == np.float64:
                return grads
            return {name: g.astype(np.float16).astype(np.float32) for name, g in grads.items()}

    coarse = Coarse(net.layers, net.loss_function, net.params)
    report = check_gradients(coarse, X, y, rng=0)
    assert report.outcome is Outcome.FLAGGED
    assert "off in float32" in report.message


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("view", [dict, MappingProxyType])
def test_parameters_in_a_new_dict_at_each_call(case, view, dtype):
    net, X, y = case(activation="tanh", dtype=dtype)

    class Fresh:
        loss, gradients = net.loss, net.gradients

        @property
        def params(self):
            return view(net.params)

    assert check_gradients(Fresh(), X, y, rng=0).outcome is Outcome.PASSED
