"""What training shows of a bug, beside the reference."""

import numpy as np
import pytest

from buggy_variants import cli, learning_curves
from buggy_variants.catalog import find
from buggy_variants.learning_curves import learning_curves as curves_of
from buggy_variants.learning_curves import save_learning_curves
from buggy_variants.plots import DARK, LIGHT


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    monkeypatch.setattr(learning_curves, "EPOCHS", 3)
    learning_curves._train.cache_clear()
    yield
    learning_curves._train.cache_clear()


def test_a_bug_that_trains_worse_is_seen_beside_the_reference():
    curves = curves_of(find("GB079"))
    assert curves.training.optimiser == "momentum"
    assert [epoch.number for epoch in curves.variant] == [1, 2, 3]
    assert curves.reference[-1].validation.accuracy > curves.variant[-1].validation.accuracy + 0.1


def test_what_a_bug_reports_is_drawn_although_it_trains_as_it_should():
    curves = curves_of(find("GB168"))  # validated on the training set
    runs = curves.reference, curves.variant
    losses = np.array([(a.loss, b.loss) for a, b in zip(*runs, strict=True)])
    np.testing.assert_array_equal(losses[:, 0], losses[:, 1])
    assert curves.variant[-1].validation.accuracy > curves.reference[-1].validation.accuracy


@pytest.mark.parametrize(
    "bug",
    [
        "GB016",  # trains like the reference
        "GB062",  # comes to no end
        "GB190",  # is of no part that training reads
    ],
)
def test_where_there_is_nothing_to_see_there_is_no_picture(bug):
    assert curves_of(find(bug)) is None


@pytest.mark.parametrize("dark", [False, True])
def test_the_picture_is_the_same_at_each_build(tmp_path, dark):
    pytest.importorskip("matplotlib", reason="the picture needs matplotlib, the extra `plots`")
    curves = curves_of(find("GB126"))  # its loss runs away
    for name in ("first.svg", "second.svg"):
        save_learning_curves(tmp_path / name, curves, dark=dark)
    first, second = ((tmp_path / name).read_bytes() for name in ("first.svg", "second.svg"))
    assert first == second
    assert all(colour.encode() in first for colour in (DARK if dark else LIGHT))


def test_explain_draws_it_where_no_function_is_unstable(capsys, tmp_path):
    pytest.importorskip("matplotlib", reason="the picture needs matplotlib, the extra `plots`")
    picture = tmp_path / "curve.png"
    assert cli.main(["explain", "GB079", "--plot", str(picture)]) == 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert "Momentum at 0.02" in capsys.readouterr().out


def test_explain_says_so_where_there_is_nothing_to_draw(capsys):
    assert cli.main(["explain", "GB016", "--plot", "none.png"]) == 2
    assert "there is nothing to draw of GB016" in capsys.readouterr().err
