"""The figures in the documentation are those that were measured."""

import json

import pytest

from benchmarks.notebooks import stories
from benchmarks.notebooks.figures import (
    AS_WRITTEN,
    BEGIN,
    DOCS,
    END,
    FIGURES,
    MENDED,
    RESULTS,
    markdown,
)
from buggy_variants.notebooks import RECIPES
from buggy_variants.notebooks.stories import STORIES
from buggy_variants.notebooks.story import measure
from reference_mlp.digits import SUBSET, load_digits


def test_the_table_is_that_of_the_results():
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    table = DOCS.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    assert table.strip() == markdown(results)


def test_every_recipe_has_figures():
    assert FIGURES.keys() == RECIPES.keys()
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    assert all(results[code].keys() == RECIPES.keys() for code in (AS_WRITTEN, MENDED))


@pytest.mark.parametrize("name", STORIES)
def test_the_story_s_table_is_that_of_the_results(name):
    results = json.loads(stories.RESULTS.read_text(encoding="utf-8"))
    text = DOCS.read_text(encoding="utf-8")
    table = text.partition(stories.begin(name))[2].partition(stories.end(name))[0]
    assert table.strip() == stories.markdown(name, results[name])


@pytest.mark.slow
def test_the_story_of_003_is_measured_again():
    results = json.loads(stories.RESULTS.read_text(encoding="utf-8"))["notebook-003"]
    digits = load_digits(SUBSET, dtype="float64")
    for number, recorded in enumerate(results):
        found = measure(STORIES["notebook-003"], number, digits)[-1]
        # To the rounding of another BLAS, which training spreads.
        assert found.loss == pytest.approx(recorded["loss"], rel=1e-3, nan_ok=True)
