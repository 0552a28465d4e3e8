"""The pictures of where an unstable variant goes wrong."""

import numpy as np
import pytest

from buggy_variants import error_plots, plots
from buggy_variants.catalog import find
from buggy_variants.cli import explain, main
from buggy_variants.error_plots import error_curves, save_error_plot
from buggy_variants.thresholds import Threshold

FOUND = {
    "GB001": Threshold("softmax", "z = (0, t, 0)", (11.1, 88.72284, None)),
    "GB005": Threshold("cross_entropy", "z = (0, t, 0), y = 0", (16.9, 36.3, 14.849687488928973)),
}


def curves(bug, monkeypatch):
    monkeypatch.setattr(error_plots, "POINTS", 40)
    return error_curves(find(bug), [FOUND[bug]])


def test_the_widest_precision_that_fails_is_drawn_to_beyond_where_it_does(monkeypatch):
    found = curves("GB001", monkeypatch)
    assert found.t.dtype == np.float32
    assert found.t[0] == 0
    assert found.t[-1] == pytest.approx(1.5 * found.first)
    wrong = found.t >= np.float32(found.first)
    np.testing.assert_array_equal(np.isinf(found.variant), wrong)
    # The number just before the threshold is among them, so that the step is where it belongs.
    assert np.nextafter(np.float32(found.first), np.float32(0)) in found.t
    assert found.reference.max() <= 0.5


def test_errors_that_rise_slowly_are_drawn_as_they_do(monkeypatch):
    found = curves("GB005", monkeypatch)
    late = found.t > 17
    assert (np.diff(found.variant[late]) > 0).all()
    assert found.variant[found.t < 10].max() < 8 < found.variant[late].min()


def test_a_threshold_near_zero_is_drawn_over_the_logarithm(tmp_path, monkeypatch):
    monkeypatch.setattr(error_plots, "POINTS", 40)
    threshold = Threshold("tanh", "z = t", (None, None, 1e-300))
    found = error_curves(find("GB001"), [threshold])
    assert (found.t[0], found.t[-1]) == pytest.approx((1e-20, 1e3))
    save_error_plot(tmp_path / "errors.svg", found)


@pytest.mark.parametrize("dark", [False, True])
def test_the_picture_is_the_same_at_each_build(tmp_path, monkeypatch, dark):
    found = curves("GB005", monkeypatch)
    for name in ("first.svg", "second.svg"):
        save_error_plot(tmp_path / name, found, dark=dark)
    first, second = ((tmp_path / name).read_bytes() for name in ("first.svg", "second.svg"))
    assert first == second
    ink = plots.DARK if dark else plots.LIGHT
    assert all(colour.encode() in first for colour in ink)


@pytest.fixture
def quick_explain(monkeypatch):
    # Neither the row of the matrix nor the search of the thresholds: they have tests of their own.
    monkeypatch.setattr(error_plots, "POINTS", 40)
    monkeypatch.setattr(explain, "run_row", lambda *_: [])
    monkeypatch.setattr(explain, "thresholds", lambda entry: [FOUND[entry.id]])


@pytest.mark.usefixtures("quick_explain")
def test_explain_draws(tmp_path, capsys):
    path = tmp_path / "errors.png"
    assert main(["explain", "GB005", "--plot", str(path)]) == 0
    assert path.read_bytes().startswith(b"\x89PNG")
    assert str(path) in capsys.readouterr().out.replace("\n", "")


@pytest.mark.usefixtures("quick_explain")
def test_explain_refuses_a_format_that_is_none(tmp_path, capsys):
    assert main(["explain", "GB005", "--plot", str(tmp_path / "errors.xyz")]) == 2
    assert "xyz" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_explain_says_so_where_there_is_nothing_to_draw(tmp_path, capsys):
    assert main(["explain", "GB016", "--plot", str(tmp_path / "errors.png")]) == 2
    assert "nothing to draw" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
