"""Networks of other libraries, whose gradients are right: every check that applies passes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from reference_mlp.testing import PROBLEMS, Implementation, Outcome
from reference_mlp.testing.adapt import implementation_of
from reference_mlp.testing.global_generators import seeded
from tests.own.libraries import FACTORIES, OF_NETWORKS, import_or_skip, outcomes

PLAIN = replace(PROBLEMS[3], l2=0.0)


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


def test_seeds_are_put_back():
    torch = import_or_skip("torch")
    before = torch.get_rng_state().clone(), np.random.get_state()[1].copy()
    with seeded(3):
        torch.rand(2), np.random.rand(2)
    assert torch.equal(before[0], torch.get_rng_state())
    assert np.array_equal(before[1], np.random.get_state()[1])
