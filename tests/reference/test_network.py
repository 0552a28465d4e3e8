import numpy as np
import pytest
import scipy.optimize
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from reference_mlp import ACTIVATIONS, LOSSES, Linear, Network, Relu, SquaredError, mlp, one_hot

relaxed = settings(max_examples=40, deadline=None)  # draws are slow where two tests share a core


class Problem:
    """A network with biases, and a batch for it: inputs (N, D) and targets of its loss."""

    def __init__(self, sizes, activation, loss, l2, n, seed):
        rng = np.random.default_rng(seed)
        self.net = mlp(sizes, rng=rng, activation=activation, loss=loss, l2=l2)
        for name in self.net.params:
            if name.endswith("b"):
                self.net.params[name] += rng.normal(size=self.net.params[name].shape)
        self.X = rng.normal(size=(n, sizes[0]))
        shape = (n, sizes[-1])
        self.y = {
            "softmax_cross_entropy": lambda: rng.integers(sizes[-1], size=n),
            "sigmoid_binary_cross_entropy": lambda: rng.random(shape),
            "squared_error": lambda: rng.normal(size=shape),
        }[loss]()


def far_from_kinks(net, X, h):
    """Whether no input of a relu is so near to 0 that a step of `h` could cross it."""
    _, tape = net.forward(X)
    relus = [
        cache
        for layer, cache in zip(net.layers, tape.caches, strict=True)
        if isinstance(getattr(layer, "activation", None), Relu)
    ]
    return all(np.abs(z).min() > 1e3 * h for z in relus)


def cast(net, X, y, dtype):
    """The same network, batch and targets in `dtype`."""
    params = {name: p.astype(dtype) for name, p in net.params.items()}
    twin = Network(net.layers, net.loss_function, params, penalty=net.penalty)
    return twin, X.astype(dtype), y if y.dtype.kind == "i" else y.astype(dtype)


@st.composite
def problems(draw):
    sizes = draw(st.lists(st.integers(1, 5), min_size=2, max_size=4))
    n_hidden = len(sizes) - 2
    names = st.lists(st.sampled_from(sorted(ACTIVATIONS)), min_size=n_hidden, max_size=n_hidden)
    return Problem(
        sizes,
        draw(names),
        draw(st.sampled_from(sorted(LOSSES))),
        draw(st.sampled_from([0.0, 0.3])),
        draw(st.integers(1, 5)),
        draw(st.integers(0, 2**32)),
    )


def central_differences(f, arrays, h):
    """(f(a + h) - f(a - h)) / 2h for each entry of each array, which is moved and put back."""
    slopes = {}
    for name, a in arrays.items():
        slopes[name] = np.empty_like(a)
        for i in np.ndindex(a.shape):
            kept = a[i]
            a[i] = kept + h
            up = f()
            a[i] = kept - h
            down = f()
            a[i] = kept
            slopes[name][i] = (up - down) / (2 * h)
    return slopes


@relaxed
@given(problems())
def test_gradients_against_central_differences(problem):
    net, X, y, h = problem.net, problem.X, problem.y, 1e-5
    assume(far_from_kinks(net, X, h))
    numeric = central_differences(lambda: net.loss(X, y), net.params | {"X": X}, h)
    grads = net.gradients(X, y) | {"X": net.input_gradient(X, y)}
    # Truncation h^2 L''' / 6 and rounding eps L / h, each of up to 1e-10 times a few dozen.
    scale = 1 + net.loss(X, y) + max(np.abs(g).max() for g in grads.values()) ** 2
    for name, g in grads.items():
        np.testing.assert_allclose(g, numeric[name], rtol=0, atol=3e-9 * scale, err_msg=name)


@relaxed
@given(problems())
def test_gradients_against_scipy(problem):
    net, X, y, h = problem.net, problem.X, problem.y, 1e-7
    assume(far_from_kinks(net, X, h))
    ends = np.cumsum([p.size for p in net.params.values()])

    def unpack(theta):
        parts = zip(net.params.items(), np.split(theta, ends[:-1]), strict=True)
        return {name: part.reshape(p.shape) for (name, p), part in parts}

    def loss(theta):
        twin = Network(net.layers, net.loss_function, unpack(theta), penalty=net.penalty)
        return twin.loss(X, y)

    theta = np.concatenate([p.ravel() for p in net.params.values()])
    numeric = unpack(scipy.optimize.approx_fprime(theta, loss, h))
    grads = net.gradients(X, y)
    scale = 1 + net.loss(X, y) + max(np.abs(g).max() for g in grads.values()) ** 2
    for name, g in grads.items():
        np.testing.assert_allclose(g, numeric[name], rtol=0, atol=3e-6 * scale, err_msg=name)


@relaxed
@given(problems())
def test_float32_is_float64_but_for_rounding(problem):
    net, X, y = cast(problem.net, problem.X, problem.y, np.float32)
    loss, grads = net.loss_and_gradients(X, y)
    arrays = [loss, net.logits(X), net.probabilities(X), net.input_gradient(X, y), *grads.values()]
    assert {a.dtype for a in arrays} == {np.dtype(np.float32)}
    exact = cast(net, X, y, np.float64)
    assume(far_from_kinks(*exact[:2], 1e-8))
    wanted_loss, wanted = exact[0].loss_and_gradients(*exact[1:])
    scale = 1 + wanted_loss + max(np.abs(g).max() for g in wanted.values()) ** 2
    tolerance = 64 * np.finfo(np.float32).eps * scale
    assert loss == pytest.approx(wanted_loss, abs=tolerance)
    for name, g in grads.items():
        np.testing.assert_allclose(g, wanted[name], rtol=0, atol=tolerance, err_msg=name)


@relaxed
@given(problems())
def test_keys_and_shapes_of_gradients_are_those_of_parameters(problem):
    net, X, y = problem.net, problem.X, problem.y
    grads = net.gradients(X, y)
    assert list(grads) == list(net.params)
    assert {k: g.shape for k, g in grads.items()} == {k: p.shape for k, p in net.params.items()}
    assert net.input_gradient(X, y).shape == X.shape
    n_out = len(list(net.params.values())[-1])
    assert net.logits(X).shape == net.probabilities(X).shape == (len(X), n_out)


@relaxed
@given(problems())
def test_a_row_is_the_same_alone_and_in_a_batch(problem):
    net, X, y = problem.net, problem.X, problem.y
    rows = [slice(i, i + 1) for i in range(len(X))]
    penalty = net.penalty.value(net.params)
    singly = [net.loss(X[i], y[i]) - penalty for i in rows]
    np.testing.assert_allclose(np.mean(singly) + penalty, net.loss(X, y), rtol=1e-12)
    together = np.concatenate([net.logits(X[i]) for i in rows])
    np.testing.assert_allclose(together, net.logits(X), rtol=1e-11, atol=1e-12)
    grads = net.gradients(X, y)
    for name in grads:  # the penalty's gradient is in every one of them, and so in their mean
        mean = np.mean([net.gradients(X[i], y[i])[name] for i in rows], axis=0)
        np.testing.assert_allclose(grads[name], mean, rtol=1e-10, atol=1e-11)


@relaxed
@given(problems(), st.integers(0, 2**32))
def test_interleaved_calls_do_not_disturb_each_other(problem, seed):
    """Passes over two batches and two networks of the same parts, in any order."""
    net, X, y = problem.net, problem.X, problem.y
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(X))
    other_X, other_y = rng.normal(size=X.shape), y[order]
    wanted = net.backward(net.forward(X)[1], y)
    wanted_other = net.backward(net.forward(other_X)[1], other_y)
    other_net = Network(
        net.layers, net.loss_function, {name: 2 * p for name, p in net.params.items()}
    )

    logits, tape = net.forward(X)
    kept = logits.copy()
    _, other_tape = net.forward(other_X)
    other_net.loss_and_gradients(other_X, other_y)
    net.loss(other_X, other_y)
    got_other = net.backward(other_tape, other_y)
    got = net.backward(tape, y)
    again = net.backward(tape, y)

    np.testing.assert_array_equal(logits, kept)
    for (grads, dX), (wanted_grads, wanted_dX) in [
        (got, wanted),
        (again, wanted),
        (got_other, wanted_other),
    ]:
        np.testing.assert_array_equal(dX, wanted_dX)
        for name, g in wanted_grads.items():
            np.testing.assert_array_equal(grads[name], g)


@relaxed
@given(problems())
def test_nothing_that_is_passed_in_is_written_to(problem):
    net, X, y = problem.net, problem.X, problem.y
    for array in (X, y, *net.params.values()):
        array.flags.writeable = False
    state = dict(vars(net))
    first = net.loss_and_gradients(X, y)
    net.probabilities(X)
    net.input_gradient(X, y)
    second = net.loss_and_gradients(X, y)
    assert first[0] == second[0]
    for name, g in first[1].items():
        np.testing.assert_array_equal(g, second[1][name])
        assert not any(np.shares_memory(g, a) for a in (X, y, *net.params.values()))
    assert vars(net) == state


def test_a_network_by_hand():
    """Two inputs, two relus, one output; every number can be checked with a pencil."""
    net = mlp((2, 2, 1), rng=np.random.default_rng(0), loss="squared_error", l2=0.1)
    net.params["0.W"][:] = [[1, -1], [2, 1]]
    net.params["0.b"][:] = [0.5, -4]
    net.params["2.W"][:] = [[3], [-2]]
    net.params["2.b"][:] = [1]
    X, y = np.array([[1.0, 2.0]]), np.array([[10.0]])
    # z = (5.5, -3), h = (5.5, 0), logit 17.5, residual 7.5; squares of weights 7 and 13.
    np.testing.assert_array_equal(net.logits(X), [[17.5]])
    assert net.loss(X, y) == pytest.approx(7.5**2 / 2 + 0.05 * (7 + 13))
    grads = net.gradients(X, y)
    np.testing.assert_allclose(grads["2.b"], [7.5])
    np.testing.assert_allclose(grads["2.W"], [[7.5 * 5.5 + 0.3], [-0.2]])
    np.testing.assert_allclose(grads["0.b"], [22.5, 0])
    np.testing.assert_allclose(grads["0.W"], [[22.5 + 0.1, -0.1], [45 + 0.2, 0.1]])
    np.testing.assert_allclose(net.input_gradient(X, y), [[22.5, 45]])


@pytest.mark.parametrize("strength", [0.3, np.float64(0.3), 1], ids=type)
def test_a_penalty_of_any_kind_leaves_float32_float32(strength):
    net = mlp((3, 4, 2), rng=np.random.default_rng(0), dtype=np.float32, l2=strength)
    loss, grads = net.loss_and_gradients(np.ones((5, 3), np.float32), np.zeros(5, int))
    assert {a.dtype for a in (loss, *grads.values())} == {np.dtype(np.float32)}


def test_one_hot_targets_are_as_good_as_labels():
    problem = Problem((4, 3, 5), "tanh", "softmax_cross_entropy", 0.1, 6, 0)
    rows = one_hot(problem.y, 5)
    assert problem.net.loss(problem.X, rows) == problem.net.loss(problem.X, problem.y)


def test_probabilities_are_the_losses_own():
    X = np.random.default_rng(0).normal(size=(6, 4))
    made = {name: mlp((4, 3), rng=np.random.default_rng(1), loss=name) for name in LOSSES}
    z = made["squared_error"].logits(X)
    e = np.exp(z)
    wanted = {
        "squared_error": z,
        "softmax_cross_entropy": e / e.sum(axis=1, keepdims=True),
        "sigmoid_binary_cross_entropy": e / (1 + e),
    }
    for name, p in wanted.items():
        np.testing.assert_allclose(made[name].probabilities(X), p, rtol=1e-13)


@pytest.mark.parametrize("loss", ["softmax_cross_entropy", "squared_error"])
def test_the_complex_step_differentiates_the_loss(loss):
    """Im L(theta + i h) / h has no truncation error, so it holds the gradient to rounding."""
    problem = Problem((4, 3, 5), "tanh", loss, 0.1, 6, 0)
    assert_complex_step(problem)


def test_the_complex_step_differentiates_binary_cross_entropy():
    problem = Problem((4, 3, 5), "tanh", "sigmoid_binary_cross_entropy", 0.1, 6, 0)
    assert_complex_step(problem)


def assert_complex_step(problem):
    net, X, y = problem.net, problem.X, problem.y
    for name, g in net.gradients(X, y).items():
        for i in np.ndindex(g.shape):
            params = {k: p.astype(complex) for k, p in net.params.items()}
            params[name][i] += 1e-100j
            twin = Network(net.layers, net.loss_function, params, penalty=net.penalty)
            slope = twin.loss(X.astype(complex), y).imag / 1e-100
            assert slope == pytest.approx(g[i], rel=1e-11, abs=1e-13), f"{name}{list(i)}"


def test_any_layer_can_come_first_and_a_layer_can_be_shared():
    """The same linear layer in two places keeps two sets of parameters."""
    rng = np.random.default_rng(0)
    linear = Linear()
    params = {
        f"{i}.{name}": rng.normal(size=shape)
        for i in (0, 1)
        for name, shape in (("W", (3, 3)), ("b", (3,)))
    }
    net = Network([linear, linear], SquaredError(), params)
    X, y = rng.normal(size=(2, 4, 3))
    numeric = central_differences(lambda: net.loss(X, y), params, 1e-5)
    for name, g in net.gradients(X, y).items():
        np.testing.assert_allclose(g, numeric[name], rtol=1e-7, atol=1e-8)


def test_a_network_of_more_than_nine_layers_keeps_their_names_apart():
    """Layer 1 would have "1.W" and layer 12 has "12.W"."""
    net = mlp((2,) * 8, rng=np.random.default_rng(0), activation="tanh")
    X, y = np.ones((3, 2)), np.zeros(3, int)
    numeric = central_differences(lambda: net.loss(X, y), net.params, 1e-5)
    assert list(net.params)[-1] == "12.b"
    for name, g in net.gradients(X, y).items():
        np.testing.assert_allclose(g, numeric[name], rtol=1e-6, atol=1e-8)


def test_replaced_parts_are_used():
    class Half:
        def forward(self, z):
            return z / 2, None

        def backward(self, cache, dh):
            return dh / 2

    net = mlp(
        (2, 2, 2), rng=np.random.default_rng(0), activation="half", activations={"half": Half}
    )
    W0, W1 = net.params["0.W"], net.params["2.W"]
    np.testing.assert_allclose(net.logits(np.eye(2)), W0 @ W1 / 2)


def test_frozen_parameters_have_gradients_but_are_not_trainable():
    net = mlp((3, 4, 2), rng=np.random.default_rng(0), frozen=("0.W", "2.b"))
    assert net.trainable == ("0.b", "2.W")
    grads = net.gradients(np.ones((2, 3)), np.array([0, 0]))
    assert list(grads) == ["0.W", "0.b", "2.W", "2.b"]
    assert grads["2.b"].any()
