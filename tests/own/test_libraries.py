"""Networks of other libraries, whose gradients are right: every check that applies passes."""

from __future__ import annotations

import warnings
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from reference_mlp.testing import CHECKS, PROBLEMS, Implementation, Outcome, Setting, run_check
from reference_mlp.testing.adapt import implementation_of, seeded
from reference_mlp.testing.implementation import NotProvidedError

QUICK = [name for name in CHECKS if name not in {"overfits_32_digits", "convergence"}]
OF_NETWORKS = [name for name in QUICK if set(CHECKS[name].needs) == {"problems", "make_network"}]


def import_or_skip(name):
    return pytest.importorskip(name, reason=f"{name} is not installed: an extra")


def of_torch(sizes, *, activation, loss, l2, dtype, rng):
    import torch

    from reference_mlp.testing.adapters.torch_module import _losses, adapt_module

    kinds = {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh, "sigmoid": torch.nn.Sigmoid}
    layers = []
    for i, (n_in, n_out) in enumerate(pairwise(sizes)):
        layers += [torch.nn.Linear(n_in, n_out), *(kinds[k]() for k in activation[i : i + 1])]
    module = torch.nn.Sequential(*layers).to(getattr(torch, np.dtype(dtype).name))
    weights = [p for name, p in module.named_parameters() if name.endswith("weight")]

    def criterion(z, y):
        return _losses(torch)[loss](z, y) + l2 / 2 * sum((W * W).sum() for W in weights)

    return adapt_module(problem_of(sizes, loss), module, criterion)


def problem_of(sizes, loss):
    found = [p for p in PROBLEMS if p.sizes == sizes and p.loss == loss]
    if not found:
        msg = "its initial weights are the library's own"
        raise NotProvidedError(msg)
    return found[0]


def functions(np_, sizes, activation, loss, l2, log_sum_exp):
    """A perceptron in a NumPy of somebody's, over a list of (W, b)."""
    kinds = {
        "relu": lambda z: np_.where(z > 0, z, 0 * z),
        "tanh": np_.tanh,
        "sigmoid": lambda z: 0.5 * (np_.tanh(0.5 * z) + 1),
    }

    def logits(params, X):
        for i, (W, b) in enumerate(params):
            X = np_.dot(X, W) + b
            X = kinds[activation[i]](X) if i < len(activation) else X
        return X

    def value(params, X, y):
        z, n = logits(params, X), X.shape[0]
        penalty = l2 / 2 * sum(np_.sum(W * W) for W, _ in params)
        if loss == "softmax_cross_entropy":
            t = y if y.ndim == 2 else (y[:, None] == np.arange(z.shape[1])).astype(z.dtype)
            return -np_.sum(t * (z - log_sum_exp(z))) / n + penalty
        if loss == "sigmoid_binary_cross_entropy":
            absolute = np_.where(z > 0, z, -z)
            soft = np_.where(z > 0, z, 0 * z) + np_.log1p(np_.exp(-absolute))
            return np_.sum(soft - y * z) / n + penalty
        return np_.sum((z - y.reshape(z.shape)) ** 2) / (2 * n) + penalty

    return logits, value


def drawn(sizes, dtype, rng):
    pairs = pairwise(sizes)
    return [
        [rng.normal(0, 0.6, (a, b)).astype(dtype), rng.normal(0, 0.3, b).astype(dtype)]
        for a, b in pairs
    ]


def of_jax(sizes, *, activation, loss, l2, dtype, rng):
    import jax

    from reference_mlp.testing.adapters.jax_loss import adapt_jax

    def log_sum_exp(z):
        return jax.nn.logsumexp(z, axis=1, keepdims=True)

    code = functions(jax.numpy, sizes, activation, loss, l2, log_sum_exp)
    return adapt_jax(problem_of(sizes, loss), drawn(sizes, dtype, rng), *code)


def of_autograd(sizes, *, activation, loss, l2, dtype, rng):
    import autograd.numpy as anp
    from autograd.scipy.special import logsumexp

    from reference_mlp.testing.adapters.autograd_function import adapt_autograd

    def log_sum_exp(z):
        return logsumexp(z, axis=1, keepdims=True)

    code = functions(anp, sizes, activation, loss, l2, log_sum_exp)
    return adapt_autograd(problem_of(sizes, loss), drawn(sizes, dtype, rng), *code)


PLAIN = replace(PROBLEMS[3], l2=0.0)
FACTORIES = {"torch": of_torch, "jax": of_jax, "autograd": of_autograd}


def outcomes(implementation, checks, dtype):
    setting = Setting(seed=4, dtype=dtype)
    return {name: run_check(CHECKS[name], implementation, setting=setting) for name in checks}


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("library", FACTORIES)
def test_every_check_of_a_network_passes(library, dtype):
    import_or_skip(library)
    problems = PROBLEMS[4:] if library == "jax" else PROBLEMS  # its calls take a millisecond each
    own = Implementation(name=library, make_network=FACTORIES[library], problems=problems)
    found = outcomes(own, OF_NETWORKS, dtype)
    if library == "autograd":
        # Rightly: its tanh has the slope 1 / cosh(z)^2, and cosh overflows where tanh is flat.
        assert "cosh" in found.pop("floating_point_warnings").message
    judged = {n: r for n, r in found.items() if r.outcome is not Outcome.NOT_APPLICABLE}
    assert {n: r.message for n, r in judged.items() if r.outcome is not Outcome.PASSED} == {}
    assert len(judged) >= 20


def small(library):
    """One small network of each library, as the page has them."""

    def make(dtype=np.float64):
        rng = np.random.default_rng(3)
        given = {"activation": ("tanh",), "loss": "squared_error", "l2": 0.02}
        return FACTORIES[library]((4, 8, 3), **given, dtype=dtype, rng=rng)

    return make


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("library", FACTORIES)
def test_gradients_of_a_small_network_pass(library, dtype):
    import_or_skip(library)
    checks = ["parameter_differences", "input_differences", "shapes_and_dtypes", "asked_twice"]
    checks += ["two_networks", "gradient_scale", "arguments_unchanged"]
    for name, result in outcomes(implementation_of(small(library)), checks, dtype).items():
        assert result.outcome is Outcome.PASSED, f"{name}: {result.message}"


def test_a_wrong_module_is_flagged():
    torch = import_or_skip("torch")
    from reference_mlp.testing.adapters.torch_module import adapt_module

    class Doubled(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.clone()

        @staticmethod
        def backward(ctx, g):
            return 2 * g

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.below, self.above = torch.nn.Linear(4, 8), torch.nn.Linear(8, 3)

        def forward(self, X):
            return self.above(Doubled.apply(torch.tanh(self.below(X))))

    def make():
        return adapt_module(PLAIN, Net().double())

    found = outcomes(
        implementation_of(make), ["parameter_differences", "gradient_scale"], np.float64
    )
    assert "below.weight" in found["parameter_differences"].message
    # Not a factor of all gradients, so nothing that the author may have chosen.
    assert found["gradient_scale"].outcome is Outcome.NOT_APPLICABLE


def test_torch_dropout_has_one_mask():
    torch = import_or_skip("torch")
    from reference_mlp.testing.adapters.torch_module import adapt_module

    def make():
        layers = [torch.nn.Linear(4, 8), torch.nn.Tanh(), torch.nn.Dropout(0.4)]
        module = torch.nn.Sequential(*layers, torch.nn.Linear(8, 3)).double()
        return adapt_module(PLAIN, module)

    checks = ["parameter_differences", "asked_twice", "certified_gradients"]
    for name, result in outcomes(implementation_of(make), checks, np.float64).items():
        assert result.outcome is Outcome.PASSED, f"{name}: {result.message}"


def sklearn_mlp(model, **sizes):
    neural_network = import_or_skip("sklearn.neural_network")
    from reference_mlp.testing.adapters.sklearn_mlp import adapt_mlp

    def make(dtype=np.float64):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return adapt_mlp(model(neural_network), dtype=dtype, **sizes)

    return implementation_of(make)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    ("hidden", "n_outputs", "activation"),
    [((7,), 4, "relu"), ((8, 6), 3, "logistic"), ((6,), 2, "tanh")],
)
def test_classifiers_of_scikit_learn_pass(hidden, n_outputs, activation, dtype):
    own = sklearn_mlp(
        lambda nn: nn.MLPClassifier(hidden, activation=activation, alpha=0),
        n_inputs=5,
        n_outputs=n_outputs,
    )
    found = outcomes(own, OF_NETWORKS, dtype)
    alarms = {
        n: r.message for n, r in found.items() if r.outcome in {Outcome.FLAGGED, Outcome.CRASHED}
    }
    # Rightly: where a probability has rounded to 0 or 1 its loss is clipped, its gradient isn't.
    alarms.pop("saturated_differences", None)
    assert alarms == {}
    assert sum(r.outcome is Outcome.PASSED for r in found.values()) >= 10


def test_the_penalty_of_scikit_learn_is_divided_by_the_rows():
    own = sklearn_mlp(lambda nn: nn.MLPClassifier((7,), alpha=0.1), n_inputs=5, n_outputs=4)
    found = outcomes(own, ["parameter_differences", "duplicated_batch"], np.float64)
    assert found["parameter_differences"].outcome is Outcome.PASSED
    assert found["duplicated_batch"].outcome is Outcome.FLAGGED


def test_the_loss_of_a_regressor_is_a_mean_over_its_outputs():
    own = sklearn_mlp(
        lambda nn: nn.MLPRegressor(hidden_layer_sizes=(7,), alpha=0), n_inputs=5, n_outputs=3
    )
    (result,) = outcomes(own, ["gradient_scale"], np.float64).values()
    assert result.outcome is Outcome.FLAGGED
    assert 'scale="K"' in result.message


def test_seeds_are_put_back():
    torch = import_or_skip("torch")
    before = torch.get_rng_state().clone(), np.random.get_state()[1].copy()
    with seeded(3):
        torch.rand(2), np.random.rand(2)
    assert torch.equal(before[0], torch.get_rng_state())
    assert np.array_equal(before[1], np.random.get_state()[1])
