"""The pictures show what they are made of, and say what is missing."""

import sys

import numpy as np
import pytest

from reference_mlp.testing.certified import (
    entry_errors,
    plot_entry_errors,
    plot_v_curve,
    v_curve,
)


def test_the_v_curve_falls_with_the_step_and_rises_with_rounding(case):
    net, X, y = case(activation="sigmoid")
    curve = v_curve(net, X, y, rng=np.random.default_rng(0))
    best = {name: curve[name].min() for name in ("forward", "D2", "D4")}
    assert best["D4"] < best["D2"] < best["forward"]
    assert curve["D2"][0] > 100 * best["D2"] < curve["D2"][-1]


def test_the_v_curve_of_a_wrong_gradient_levels_off(case, spoiled):
    net, X, y = case(activation="sigmoid")
    wrong = spoiled(net, lambda g: g["0.W"].__imul__(1.01) is None)
    curve = v_curve(wrong, X, y, rng=np.random.default_rng(0))
    assert curve["D4"].min() > 1e-6


def test_the_heat_map_shows_the_wrong_entry(case, spoiled):
    net, X, y = case(activation="tanh")

    def spoil(grads):
        grads["0.W"][2, 5] += 1e-3

    errors = entry_errors(spoiled(net, spoil), X, y, name="0.W")
    assert np.unravel_index(errors.argmax(), errors.shape) == (2, 5)
    assert np.sort(errors.ravel())[-2] < 1e-8
    assert "0.W[2,5]" in plot_entry_errors(errors, name="0.W").get_title()
    with pytest.raises(KeyError, match="name is 'W9'"):
        entry_errors(net, X, y, name="W9")
    with pytest.raises(ValueError, match="expected one axis or two"):
        plot_entry_errors(np.zeros((1, 1, 1)))


def test_plots_are_drawn(case):
    net, X, y = case(activation="tanh")
    curve = v_curve(net, X, y, rng=np.random.default_rng(0), steps=np.logspace(-6, -2, 5))
    ax = plot_v_curve(curve)
    assert [line.get_label() for line in ax.get_lines()] == ["forward", "D2", "D4"]
    assert plot_v_curve(curve, ax) is ax
    ax.figure.canvas.draw()


def test_without_matplotlib_the_extra_is_named(case, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"gradbugs\[plots\]"):
        plot_entry_errors(np.ones((2, 2)))
