"""The figures in the documentation are those that were measured."""

import json

from benchmarks.notebooks.figures import BEGIN, DOCS, END, FIGURES, RESULTS, markdown
from buggy_variants.notebooks import RECIPES


def test_the_table_is_that_of_the_results():
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    table = DOCS.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    assert table.strip() == markdown(results)


def test_every_recipe_has_figures():
    assert FIGURES.keys() == RECIPES.keys()
    assert json.loads(RESULTS.read_text(encoding="utf-8")).keys() == RECIPES.keys()
