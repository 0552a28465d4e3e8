"""Wrong code that other checks pass: it is flagged here, or said to be out of sight."""

import numpy as np
import pytest

import reference_mlp as mlp
from reference_mlp.testing.certified import check_gradients
from reference_mlp.testing.evidence import Outcome


def _flagged(report):
    return report.outcome is Outcome.FLAGGED


def test_gradients_smaller_than_an_absolute_tolerance(case, spoiled):
    net, X, y = case(activation="tanh")
    small = 1e-7

    def subject(factor):
        return (
            lambda X, y: small * net.loss(X, y),
            lambda X, y: {n: factor * small * g for n, g in net.gradients(X, y).items()},
            net.params,
        )

    assert check_gradients(subject(1), X, y, rng=0)
    assert np.abs(net.gradients(X, y)["0.W"]).max() * small < 1e-6
    assert _flagged(check_gradients(subject(2), X, y, rng=0))


def test_a_norm_that_hides_one_entry(case, spoiled):
    net, X, y = case((60, 50, 4), activation="sigmoid")
    off = 1e-6 * np.abs(net.gradients(X, y)["0.W"]).max()

    def spoil(grads):
        grads["0.W"][41, 33] += off

    report = check_gradients(spoiled(net, spoil), X, y, rng=0)
    assert report.where == "0.W[41,33]"


def test_dead_inputs_are_reported_as_not_covered(case, spoiled):
    net, X, y = case(activation="tanh")
    X[:, 0] = 0
    report = check_gradients(net, X, y, rng=0)
    assert report.certificate.coverage["0.W"] < 1
    assert "1 of 6 inputs are zero in the whole batch" in report.blind_spots

    def spoil(grads):
        grads["0.W"][0] += 1e-6

    assert _flagged(check_gradients(spoiled(net, spoil), X, y, rng=0))


def test_dead_relus_are_reported_as_not_covered(case):
    net, X, y = case(activation="relu")
    net.params["0.b"][:3] = -100
    report = check_gradients(net, X, y, rng=0)
    assert report.certificate.coverage["0.b"] <= 4 / 7
    net.params["0.b"][:] = -100
    net.params["2.W"][:] = 0
    assert check_gradients(net, X, y, rng=0).certificate.coverage["0.W"] == 0


def test_nothing_but_zero_gradients_are_inconclusive():
    W = np.zeros(3)

    def loss():
        return (W**4).sum()

    report = check_gradients((loss, lambda: {"W": 4 * W**3}, {"W": W}), rng=0)
    assert report.outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize("value", [0.0, 0.3])
def test_zero_or_symmetric_weights_are_blind_spots(case, value):
    net, X, y = case((5, 6, 6, 4), activation="tanh")
    net.params["2.W"][...] = value
    spots = " ".join(check_gradients(net, X, y, rng=0).blind_spots)
    assert "2.W is zero" in spots or "2.W has one value throughout" in spots
    assert "2.W is symmetric" in spots


def test_two_equal_and_opposite_errors(case, spoiled):
    net, X, y = case(activation="tanh")

    def spoil(grads):
        grads["2.b"][0] += 1e-4
        grads["2.b"][1] -= 1e-4

    for seed in range(10):
        report = check_gradients(spoiled(net, spoil), X, y, rng=seed)
        assert {f.where for f in report.faults} == {"2.b[0]", "2.b[1]"}


def test_errors_orthogonal_to_all_ones(case, spoiled):
    net, X, y = case(activation="tanh")
    e = np.random.default_rng(0).normal(size=net.params["0.W"].shape)

    def spoil(grads):
        grads["0.W"] += 1e-6 * (e - e.mean())

    assert _flagged(check_gradients(spoiled(net, spoil), X, y, rng=0))


@pytest.mark.parametrize("name", ["0.W", "0.b", "2.b"])
def test_a_large_penalty_does_not_swamp_the_rest(case, spoiled, name):
    net, X, y = case(activation="sigmoid", l2=1e3)

    def spoil(grads):
        grads[name].flat[2] += 1e-5

    assert check_gradients(net, X, y, rng=0)
    assert name in check_gradients(spoiled(net, spoil), X, y, rng=0).where


def test_one_large_array_does_not_swamp_a_small_bias(case, spoiled):
    net, X, y = case((300, 40, 3), activation="sigmoid")
    X *= 10

    def spoil(grads):
        grads["2.b"][1] *= 1 + 1e-6

    assert check_gradients(spoiled(net, spoil), X, y, rng=0).where == "2.b[1]"


def test_a_wrong_forward_with_a_gradient_to_match(case):
    right, X, y = case(activation="sigmoid")
    wrong = mlp.Network(right.layers, mlp.SquaredError(), right.params)
    target = np.eye(4)[y]
    assert check_gradients(wrong, X, target, rng=0)
    report = check_gradients(wrong, X, target, rng=0, loss_oracle=lambda _: right.loss(X, y))
    assert _flagged(report)
    assert "by the independent one" in report.message
    assert check_gradients(right, X, y, rng=0, loss_oracle=lambda _: right.loss(X, y))


def test_a_gradient_that_is_right_along_the_direction_of_one_seed(case, spoiled):
    net, X, y = case(activation="sigmoid")
    rng = np.random.default_rng(3)
    seeds = {check_gradients(net, X, y, rng=rng).seed for _ in range(5)}
    assert len(seeds) == 5


class _Remembers(mlp.Network):
    """A network whose backward pass uses whatever went forward last."""

    last = None

    def loss(self, X, y):
        logits, self.last = self.forward(X)
        return self.loss_of(logits, y)

    def gradients(self, X, y):
        if self.last is None:
            self.loss(X, y)
        return self.backward(self.last, y)[0]


def test_stale_caches(case):
    net, X, y = case(activation="tanh")
    stale = _Remembers(net.layers, net.loss_function, net.params)
    stale.loss(X, y)
    report = check_gradients(stale, X, y, rng=0)
    assert _flagged(report)
    assert "differ from call to call" in report.message


class _OneBuffer(mlp.Network):
    """A network whose forward pass uses the arrays that its gradients were returned in."""

    buffer = None

    def loss(self, X, y):
        if self.buffer is not None:
            self.buffer["0.W"][0] = X[0, 0]
        return super().loss(X, y)

    def gradients(self, X, y):
        self.buffer = super().gradients(X, y)
        return self.buffer


def test_aliased_buffers(case):
    net, X, y = case(activation="tanh")
    report = check_gradients(_OneBuffer(net.layers, net.loss_function, net.params), X, y, rng=0)
    assert _flagged(report)
    assert "handed out before" in report.message


@pytest.mark.parametrize(
    ("spoil", "match"),
    [
        (lambda net, X, g: g | {"0.W": net.params["0.W"]}, "shares memory with 0.W"),
        (lambda net, X, g: g | {"2.b": g["2.W"][0]}, "2.W shares memory with the gradient of 2.b"),
        (lambda net, X, g: net.params["0.b"].__iadd__(1e-3) is None or g, "write into 0.b"),
        (lambda net, X, g: X.__imul__(0.5) is None or g, "write into X"),
        (lambda net, X, g: g["0.b"].__setitem__(1, np.nan) or g, "0.b[1]: analytic nan"),
    ],
)
def test_gradients_that_are_not_arrays_of_their_own(case, spoiled, spoil, match):
    net, X, y = case(activation="tanh")
    report = check_gradients(spoiled(net, lambda g: spoil(net, X, g)), X, y, rng=0)
    assert _flagged(report)
    assert match in report.message


@pytest.mark.parametrize(
    ("sizes", "rows", "match"),
    [
        ((6, 7, 4), 1, "a batch of one row"),
        ((6, 7, 4), 6, "the batch has 6 rows"),
        ((6, 7, 4), 4, "the batch has 4 rows"),
        ((6, 6, 4), 5, "0.W is square"),
    ],
)
def test_degenerate_sizes_are_blind_spots(case, sizes, rows, match):
    net, X, y = case(sizes, rows=rows, activation="tanh")
    assert any(match in s for s in check_gradients(net, X, y, rng=0).blind_spots)
    net, X, y = case((6, 7, 4), rows=5, activation="tanh")
    assert check_gradients(net, X, y, rng=0).blind_spots == ()


def test_zero_biases_are_blind_spots(case):
    net, X, y = case(activation="tanh", zero_biases=True)
    spots = check_gradients(net, X, y, rng=0).blind_spots
    assert [s.split(" is zero")[0] for s in spots] == ["0.b", "2.b"]


def test_a_penalty_left_out_shows_unless_its_strength_is_zero(case):
    with_l2, X, y = case(activation="tanh", l2=1e-4)
    without, _, _ = case(activation="tanh", l2=0.0)
    without.params.update(with_l2.params)
    report = check_gradients((with_l2.loss, without.gradients, with_l2.params), X, y, rng=0)
    assert "L2 term of 0.0001 times the parameter is missing" in report.message
    assert check_gradients((without.loss, without.gradients, without.params), X, y, rng=0)
