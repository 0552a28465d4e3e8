"""The checks of optimisers: bugs that no entry of the catalog has, and other right code."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest

from reference_mlp import SGD, Adam, Momentum
from reference_mlp.testing import CHECKS, Implementation, Outcome, Setting, run_check
from reference_mlp.testing.record_trajectories import recorded_trajectories
from reference_mlp.testing.update_rules import places

every_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def run(check, dtype=np.float64, seed=3, **optimisers):
    implementation = Implementation(name="someone's", optimisers=optimisers)
    return run_check(CHECKS[check], implementation, setting=Setting(seed, dtype))


class TorchMomentum:
    """Torch's convention, with state in a list of pairs: another program, the same trajectory."""

    def __init__(self, learning_rate, momentum=0.9):
        self.settings = learning_rate, momentum
        self.buffers = []

    def step(self, params, grads):
        rate, m = self.settings
        for name, g in grads.items():
            found = [b for key, b in self.buffers if key == name]
            buffer = m * found[0] + g if found else g.copy()
            self.buffers = [(k, b) for k, b in self.buffers if k != name] + [(name, buffer)]
            params[name] -= rate * buffer


class AdamOfThePaper:
    """Algorithm 1 as it is printed, one count for all parameters."""

    hat = False

    def __init__(self, lr, beta1=0.9, beta2=0.999, epsilon=1e-8):
        self.lr, self.b1, self.b2, self.eps = lr, beta1, beta2, epsilon
        self.t, self.m, self.v = 0, {}, {}

    def step(self, params, grads):
        self.t += 1
        c1, c2 = 1 - self.b1**self.t, 1 - self.b2**self.t
        for name, g in grads.items():
            m = self.m[name] = self.b1 * self.m.get(name, 0) + (1 - self.b1) * g
            v = self.v[name] = self.b2 * self.v.get(name, 0) + (1 - self.b2) * g**2
            if self.hat:
                params[name] -= self.lr * np.sqrt(c2) / c1 * m / (np.sqrt(v) + self.eps)
            else:
                params[name] -= self.lr * (m / c1) / (np.sqrt(v / c2) + self.eps)


class AdamWithEpsilonHat(AdamOfThePaper):
    """The faster order that the paper offers too."""

    hat = True


@every_dtype
@pytest.mark.parametrize("check", ["optimiser_rules", "optimiser_manners"])
def test_right_optimisers_of_other_make_pass(check, dtype):
    for adam in (AdamOfThePaper, AdamWithEpsilonHat):
        for seed in range(5):
            result = run(check, dtype, seed, momentum=TorchMomentum, adam=adam)
            assert result.outcome is Outcome.PASSED, result.message


def test_one_that_takes_no_settings_is_not_judged_by_them():
    class Fixed:
        def __init__(self, learning_rate):
            self.inner = Momentum(learning_rate, momentum=0.5)

        def step(self, params, grads):
            self.inner.step(params, grads)

    assert run("optimiser_rules", momentum=Fixed).outcome is Outcome.NOT_APPLICABLE
    assert run("optimiser_manners", momentum=Fixed).outcome is Outcome.PASSED


def test_one_of_another_name_is_not_judged():
    assert run("optimiser_rules", lion=SGD).outcome is Outcome.NOT_APPLICABLE


class AdamOfDeviations(Adam):
    """Second moment of g - m, as AdaBelief has it."""

    def step(self, params, grads):
        for name, g in grads.items():
            t = self.t[name] = self.t.get(name, 0) + 1
            m, v = self.m.setdefault(name, 0 * g), self.v.setdefault(name, 0 * g)
            m += (1 - self.beta1) * (g - m)
            v += (1 - self.beta2) * ((g - m) ** 2 - v)
            c1, c2 = 1 - self.beta1**t, 1 - self.beta2**t
            params[name] -= self.learning_rate * (m / c1) / (np.sqrt(v / c2) + self.epsilon)


class IgnoringSettings(Momentum):
    def __init__(self, learning_rate, *, momentum=0.9):
        super().__init__(learning_rate, momentum=0.9)


class SignOfGradient(SGD):
    def step(self, params, grads):
        super().step(params, {name: np.sign(g) for name, g in grads.items()})


@every_dtype
@pytest.mark.parametrize(
    ("name", "make", "step"),
    [
        ("adam", AdamOfDeviations, "after step 1 "),
        ("momentum", IgnoringSettings, "after step 2 "),
        ("sgd", SignOfGradient, "after step 1 "),
    ],
)
def test_another_rule_is_flagged_at_its_first_wrong_step(name, make, step, dtype):
    result = run("optimiser_rules", dtype, **{name: make})
    assert result.outcome is Outcome.FLAGGED
    assert result.message.startswith(f"{name} under ")
    assert step in result.message


def test_torch_and_the_rules_agree_to_a_few_roundings():
    for recorded in recorded_trajectories().values():
        rule = recorded.family.readings()[0]
        for column, start in enumerate(recorded.start):
            got = places(rule, float(start), recorded.gradients[:, column].tolist())
            np.testing.assert_allclose(got, recorded.places[:, column], rtol=1e-12)


class Normalising(SGD):
    def step(self, params, grads):
        for g in grads.values():
            g /= np.abs(g).max()
        super().step(params, grads)


class Remaking(SGD):
    def step(self, params, grads):
        for name, g in grads.items():
            params[name] = params[name] - self.learning_rate * g


class VelocityOfTheClass(Momentum):
    everyones: ClassVar = {}

    def __init__(self, learning_rate):
        super().__init__(learning_rate)
        self.velocity = self.everyones


class Coasting(Momentum):
    def step(self, params, grads):
        super().step(
            params, {name: grads.get(name, np.zeros_like(p)) for name, p in params.items()}
        )


class GlobalNorm(SGD):
    def step(self, params, grads):
        norm = np.sqrt(sum((g * g).sum() for g in grads.values()))
        super().step(params, {name: g / norm for name, g in grads.items()})


@pytest.mark.parametrize(
    ("name", "make", "words"),
    [
        ("sgd", Normalising, "changed 48 entries of the gradients"),
        ("sgd", Remaking, "new arrays in the place of ['0.W', '2.W']"),
        ("momentum", VelocityOfTheClass, "another optimiser of its class"),
        ("momentum", Coasting, "a parameter that got no gradient"),
        ("sgd", GlobalNorm, "move otherwise together than each by itself"),
    ],
)
def test_bad_manners_are_flagged_by_name(name, make, words):
    result = run("optimiser_manners", **{name: make})
    assert result.outcome is Outcome.FLAGGED
    assert result.message.startswith(name)
    if words not in result.message:
        # The worst evidence speaks; the rest is there too.
        setting = Setting(3, np.float64)
        found = list(CHECKS["optimiser_manners"].function(setting, optimisers={name: make}))
        assert any(words in e.message and e.outcome is Outcome.FLAGGED for e in found)
