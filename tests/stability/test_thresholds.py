"""Which functions of an entry are searched for thresholds: those that its bug replaces."""

import numpy as np
import pytest

from buggy_variants.catalog import find
from buggy_variants.thresholds import _replaced, thresholds
from reference_mlp.testing import assemble
from reference_mlp.testing.stability import first_failures, functions_of


@pytest.mark.parametrize(
    ("bug", "functions"),
    [
        # A softmax is in the loss, too.
        ("GB001", {"softmax", "cross_entropy", "cross_entropy_gradient"}),
        ("GB005", {"cross_entropy", "cross_entropy_gradient"}),
        ("GB016", set()),
    ],
)
def test_what_the_bug_is_in_is_searched_and_no_more(bug, functions):
    assert {name for name, _ in functions_of(_replaced(find(bug).implementation))} == functions


def test_nothing_of_the_reference_is_searched_as_nothing_would_be_found():
    assert dict(functions_of(_replaced(assemble()))) == {}
    assert first_failures(assemble(), dtypes=(np.float16,)) == []


def test_the_rows_are_those_of_a_search_through_all_functions():
    entry = find("GB001")
    everywhere = {f.subject: f.t for f in first_failures(entry.implementation, dtypes=("float32",))}
    assert {row.function: row.first[1] for row in thresholds(entry)} == everywhere
