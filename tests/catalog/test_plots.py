"""The dark pictures, which are made of the light ones."""

import re

import pytest

from buggy_variants.plots import darkened, save_themed


def draw(figure, colours):
    left, right = figure.subplots(1, 2)
    for axes, colour in zip((left, right), colours[1:], strict=True):
        axes.plot([1, 2, 4], "o-", color=colour, label="a line")
        axes.annotate("words", (0.5, 0.5), xycoords="axes fraction", color=colour)
        axes.axvline(1, color=colours[0])
        axes.legend(frameon=False)
    left.set_yscale("log")


def without_names(svg):
    """Return the SVG with its names, hashes of the style, in order: they don't show.

    And without a background's path, which is written in either of two ways.
    """
    names = {}
    named = re.sub(r"\b[mp][0-9a-f]{10}\b", lambda m: names.setdefault(m[0], str(len(names))), svg)
    return re.sub(r'd="[^"]*"(?= style="fill: none"/>)', "", named)


def test_a_light_picture_made_dark_is_the_one_drawn_dark(tmp_path):
    pytest.importorskip("matplotlib", reason="the picture needs matplotlib, the extra `plots`")
    for name, dark in (("light.svg", False), ("dark.svg", True)):
        save_themed(tmp_path / name, draw, size=(5, 3), salt="GB001", dark=dark)
    light, dark = ((tmp_path / name).read_text() for name in ("light.svg", "dark.svg"))
    assert without_names(darkened(light)) == without_names(dark)
    assert without_names(light) != without_names(dark)
