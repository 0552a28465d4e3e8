"""Networks in the styles of five notebooks, with their defects: the defect is what is flagged."""

from __future__ import annotations

import pytest

from reference_mlp.testing.adapt import Problem, adapt, attributes
from tests.own.flagging import CHECKS, GRADIENT, flagged
from tests.own.networks import connected, features_first, functions, layer_objects, one_column


def of_layers(mlp=layer_objects.MLP, gradient=layer_objects.cost_gradient, **options):
    lo = layer_objects

    def make():
        net = mlp([lo.Affine(7, 5), lo.Logistic(), lo.Affine(5, 4), lo.Softmax()])
        problem = Problem("000", (7, 5, 4), ("sigmoid",), "softmax_cross_entropy", "labels", 6)
        return adapt(
            problem,
            lambda: [layer.theta for layer in net.layers],
            probabilities=net.predict,
            loss=lambda X, y: lo.cost(net.predict(X), y),
            step=lambda X, y, rate: net.learn(gradient(net.predict(X), y), rate),
            **options,
        )

    return make


def test_a_sum_where_the_cost_is_a_mean_is_told_to_be_a_factor():
    found = flagged(of_layers())
    assert set(found) == set(GRADIENT)
    assert "N, the batch size" in found["gradient_scale"]
    assert 'scale="N"' in found["gradient_scale"]


@pytest.mark.parametrize("options", [{"scale": "N"}, {"gradient": layer_objects.mean_gradient}])
def test_a_factor_that_is_meant_is_accepted(options):
    assert flagged(of_layers(**options)) == {}


def test_a_layer_that_moves_too_early_is_seen_at_an_ordinary_rate_only():
    found = flagged(of_layers(layer_objects.TooEarly, scale="N"))
    # The gradient in the limit of small rates is right, and taken as such.
    assert set(found) == {"step_consistency"}
    assert "before the gradient goes through it" in found["step_consistency"]


def of_columns(network):
    def make():
        net = network(5, 6, 3)
        kind = "softmax_cross_entropy"
        return adapt(
            Problem("001", (5, 6, 3), ("sigmoid",), kind, "one-hot", 4),
            attributes(net, "W", "__b", "V", "__c"),
            probabilities=lambda x: net.forward(x)[-1],
            loss=lambda x, t: net.loss(net.forward(x)[-1], t),
            step=lambda x, t, rate: net.backprop(net.forward(x), t, rate),
            samples="one column",
        )

    return make


def test_targets_read_from_a_global_are_flagged():
    assert flagged(of_columns(one_column.OneHidden)) == {}
    found = flagged(of_columns(one_column.ReadsGlobal), [*CHECKS, "everything_matters"])
    assert "parameter_differences" in found
    assert "target 0 moves the gradients" in found["everything_matters"]
    assert "gradient_scale" not in found


def of_connected(act, sizes, eps=0.0):
    def make():
        net = connected.build(sizes, act)
        net.layers[-1].eps = eps
        dense = net.layers[1:-1]
        targets = ("tanh",) * (len(sizes) - 2)

        def gradients(X, T):
            net.backpropagate(T, net.predict(X))
            return [layer.grads() for layer in dense]

        return adapt(
            Problem("002", sizes, targets, "softmax_cross_entropy", "one-hot", 6),
            lambda: [layer.params() for layer in dense],
            probabilities=net.predict,
            loss=lambda X, T: net.layers[-1].loss(T, net.predict(X)),
            gradients=gradients,
            input_gradient=lambda X, T: net.backpropagate(T, net.predict(X)),
        )

    return make


def test_an_activation_that_layers_share_is_flagged():
    sizes = (5, 6, 6, 4)
    assert flagged(of_connected(connected.Tanh, sizes)) == {}
    wrong = flagged(of_connected(lambda: connected.SHARED, sizes))
    # Only the layer below goes wrong, so it is no factor of all gradients.
    assert "certified_gradients" in wrong
    assert "gradient_scale" not in wrong


def test_an_epsilon_in_the_loss_is_seen_by_the_sharpest_check_alone():
    assert set(flagged(of_connected(connected.Tanh, (5, 6, 7, 4), eps=1e-10))) == {
        "certified_gradients"
    }


def test_layers_that_divide_and_a_loss_that_does_not_have_a_wrong_input_gradient():
    found = flagged(of_connected(connected.Tanh, (5, 6, 7, 4)), ["input_differences"])
    assert "(ratio 6)" in found["input_differences"]


def of_features_first(cost=features_first.cost, relu=features_first.ReLU):
    def make():
        sgd = features_first.SGD(0.1)
        net = features_first.build((5, 6, 3), sgd, relu)

        def step(X, T, rate):
            sgd.rate = rate
            net.backward(cost(T.T, net.forward(X).T)[1].T)
            net.update()

        kind = "sigmoid_binary_cross_entropy"
        return adapt(
            Problem("003", (5, 6, 3), ("relu",), kind, "fractions", 4),
            attributes(net.layers, "weight", "bias"),
            probabilities=net.forward,
            loss=lambda X, T: cost(T.T, net.forward(X).T)[0],
            step=step,
            samples="columns",
        )

    return make


@pytest.mark.parametrize(
    "defect", [{"cost": features_first.wrong_cost}, {"relu": features_first.InPlaceReLU}]
)
def test_a_sign_in_the_cost_and_a_mask_in_place_are_flagged(defect):
    assert flagged(of_features_first()) == {}
    found = flagged(of_features_first(**defect))
    assert {"parameter_differences", "certified_gradients"} <= set(found)
    assert "gradient_scale" not in found


def of_functions(backward, dsoftmax=functions.dsoftmax, **sizes):
    def make():
        functions.init(5, 7, 4)

        def gradients(X, y):
            p, h = functions.forward(X, functions.model)
            return backward(y, p, h, X, functions.model)

        return adapt(
            Problem("004", (5, 7, 4), ("relu",), "softmax_cross_entropy", "labels", 6),
            lambda: functions.model,
            probabilities=lambda X: functions.forward(X, functions.model)[0],
            gradients=gradients,
        )

    return make


def test_zeroed_gradients_and_a_global_batch_size_are_flagged():
    assert flagged(of_functions(functions.backward)) == {}
    found = flagged(of_functions(functions.top_only))
    assert "W1" in found["parameter_differences"]

    def of_32(*arguments):
        return functions.backward(*arguments, dsoftmax=functions.dsoftmax_of_32)

    found = flagged(of_functions(of_32))
    # Two batches of 6 are 12 rows, of which it takes the first 6 for all: no factor.
    assert set(found) == {"duplicated_batch"}
