"""The notebooks' defects: each has an entry, and each entry's place is well written."""

from __future__ import annotations

import pytest

from buggy_variants.catalog import catalog
from buggy_variants.origins import place_of, places

ENTRY = catalog()["GB001"]

DEFECTS = {
    "000": (9, 18, 19, 32, 35, 45, 60, 64, 75, 78, 80, 82, 100, 102),
    "001": (
        *(11, 14, 26, 37, 39, 45, 110, 118, 166, 214, 227, 228, 229, 232, 238, 242, 243),
        *(216, 253, 263, 276, 286, 290),
    ),
    "002": (
        *(30, 73, 119, 143, 190, 211, 246, 271, 282, 307, 316, 356, 360, 377, 396, 403, 407),
        *(418, 440, 566),
    ),
    "003": (37, 58, 79, 85, 105, 110, 128, 129, 151, 199, 212, 217),
    "004": (14, 39, 40, 45, 65, 78, 82, 120, 121, 130, 151, 153, 162),
}
"""The first line of each defect that was found in the notebooks, latent ones too."""


@pytest.mark.parametrize(
    ("notebook", "line"), [(name, line) for name, lines in DEFECTS.items() for line in lines]
)
def test_each_defect_of_the_notebooks_is_named_by_an_entry(notebook, line):
    named = [place for place in places() if place.notebook == notebook]
    assert any(first <= line <= last for place in named for first, last in place.lines)


@pytest.mark.parametrize(
    ("origin", "lines", "note"),
    [
        ("notebook 002, line 316", ((316, 316),), ""),
        ("notebook 000, lines 60-71", ((60, 71),), ""),
        ("notebook 001, lines 37 and 214", ((37, 37), (214, 214)), ""),
        ("notebook 003, lines 5, 79 and 85-88: latent", ((5, 5), (79, 79), (85, 88)), "latent"),
    ],
)
def test_a_place_is_read(origin, lines, note):
    place = place_of(origin, ENTRY)
    assert (place.lines, place.note) == (lines, note)


def test_what_is_no_notebook_is_no_place():
    assert place_of("synthetic", ENTRY) is None
    assert place_of("pytorch/pytorch#16045", ENTRY) is None


@pytest.mark.parametrize(
    "origin", ["notebook 002", "notebook 2, line 3", "notebook 009, line 3", "notebook 001, line x"]
)
def test_a_place_in_another_form_is_refused(origin):
    with pytest.raises(ValueError, match="GB001 has the origin 'notebook"):
        place_of(origin, ENTRY)
