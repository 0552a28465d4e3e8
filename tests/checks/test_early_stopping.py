"""The check of early stopping, held against code of another kind."""

from __future__ import annotations

import numpy as np
import pytest

from reference_mlp.testing import CHECKS, Implementation, Outcome, Setting, run_check

every_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64])


class KeepsAll:
    """Early stopping of another make: it keeps every epoch and looks back."""

    def __init__(self, patience):
        self.patience, self.losses, self.kept = patience, [], []

    def update(self, loss, params):
        self.losses.append(loss)
        self.kept.append({name: np.array(p) for name, p in params.items()})
        return np.bool_(len(self.losses) - 1 - self.best() >= self.patience)

    def best(self):
        return int(np.argmin(self.losses))

    def restore(self, params):
        for name, p in params.items():
            p[...] = self.kept[self.best()][name]


class RestoresLast(KeepsAll):
    def restore(self, params):
        for name, p in params.items():
            p[...] = self.kept[-1][name]


class CountsAllBadEpochs(KeepsAll):
    def update(self, loss, params):
        super().update(loss, params)
        lows = np.minimum.accumulate(self.losses)
        return bool((np.diff(lows) == 0).sum() >= self.patience)


class TiesAreProgress(KeepsAll):
    def best(self):
        return len(self.losses) - 1 - int(np.argmin(self.losses[::-1]))


class HandsOutWhatItKeeps(KeepsAll):
    def restore(self, params):
        for name, p in params.items():
            p[...] = self.kept[self.best()][name]
            self.kept[self.best()][name] = p


class KeepsHighest(KeepsAll):
    def best(self):
        return int(np.argmax(self.losses))


class ForgetsBiases(KeepsAll):
    def restore(self, params):
        params["0.W"][...] = self.kept[self.best()]["0.W"]


def stopping(make, dtype=np.float64):
    implementation = Implementation(name="someone's", early_stopping=make)
    return run_check(CHECKS["early_stopping_restores"], implementation, setting=Setting(3, dtype))


@every_dtype
def test_another_right_early_stopping_passes(dtype):
    assert stopping(KeepsAll, dtype).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (RestoresLast, "the best, when restored"),
        (CountsAllBadEpochs, "training stops after epoch"),
        (TiesAreProgress, "a loss that stays as it is"),
        (HandsOutWhatItKeeps, "when restored, trained on and restored again"),
        (KeepsHighest, "training stops after epoch"),
        (ForgetsBiases, "2 of 8 parameters are not those of epoch"),
    ],
)
def test_wrong_early_stopping_is_flagged(make, message):
    result = stopping(make)
    assert result.outcome is Outcome.FLAGGED
    assert message in result.message
