"""Every file of a bug holds what its page, its row and its difference are made of."""

from __future__ import annotations

import inspect
import sys
from types import ModuleType

import pytest

from buggy_variants import Bug, Severity, catalog, find
from buggy_variants.catalog import _read
from buggy_variants.source import buggy_code, diff
from reference_mlp import softmax

ENTRIES = catalog().values()


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e.id)
class TestEntry:
    def test_one_line_is_marked_as_the_bug_and_the_difference_shows_it(self, entry):
        source = inspect.getsource(sys.modules[entry.module])
        assert source.count("# BUG: ") == 1
        assert "# BUG: " in buggy_code(entry)
        added = [line for line in diff(entry).splitlines() if line.startswith("+")]
        assert any("# BUG: " in line for line in added)

    def test_it_replaces_one_part(self, entry):
        assert len(entry.bug.replaces) == 1

    def test_its_story_is_told(self, entry):
        assert len(entry.prose.split()) > 60
        assert entry.title[0].isupper()
        assert entry.id not in entry.title

    def test_relations_are_to_other_entries(self, entry):
        others = {*entry.bug.related, *entry.bug.equivalent_to}
        assert others <= set(catalog()) - {entry.id}

    def test_equivalence_is_mutual(self, entry):
        for other in entry.bug.equivalent_to:
            assert entry.id in catalog()[other].bug.equivalent_to


def test_ids_and_slugs_are_unique_and_in_order():
    ids = list(catalog())
    assert ids == sorted(set(ids))
    assert len({entry.slug for entry in ENTRIES}) == len(ids)


def test_the_catalog_is_of_ten_families():
    assert len(ENTRIES) >= 120
    assert len({entry.family for entry in ENTRIES}) == 10


@pytest.mark.parametrize("name", ["GB016", "gb016", "relu_in_place", "relu-in-place"])
def test_an_entry_is_found_by_id_or_slug(name):
    assert find(name).id == "GB016"


def test_an_unknown_name_says_where_to_look():
    with pytest.raises(KeyError, match="no bug is called 'GB999'; `gradbugs list` names all"):
        find("GB999")


def declaration(**changes):
    texts = dict.fromkeys(
        ("right", "wrong", "symptom", "preconditions", "why_missed", "fix"), "text"
    )
    given = {
        "replaces": {"softmax": softmax},
        "severity": Severity.NAN,
        "flagged_by": ("extreme_logits",),
        "origin": ("synthetic",),
        **texts,
    }
    return Bug(**(given | changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"symptom": ""}, "symptom of the bug is empty"),
        ({"flagged_by": ()}, "flagged_by of the bug is empty"),
        ({"flagged_by": ("nosuch",)}, r"flagged_by of the bug has \['nosuch'\], expected names"),
        ({"crashes_in": {"nosuch": ValueError}}, r"crashes_in of the bug has \['nosuch'\]"),
        ({"replaces": {"softmaxx": softmax}}, r"replaces of the bug has \['softmaxx'\]"),
    ],
)
def test_a_wrong_declaration_is_refused(changes, message):
    declaration()
    with pytest.raises(ValueError, match=message):
        declaration(**changes)


@pytest.mark.parametrize(
    ("file", "doc", "bug"),
    [
        ("relu_in_place", "Title.\n\nProse.", declaration()),
        ("gb16_relu", "Title.\n\nProse.", declaration()),
        ("gb016_relu", "Title without prose.", declaration()),
        ("gb016_relu", None, declaration()),
        ("gb016_relu", "Title.\n\nProse.", None),
    ],
)
def test_a_file_that_is_no_bug_is_refused_by_name(file, doc, bug):
    module = ModuleType("somewhere", doc)
    module.bug = bug
    with pytest.raises(ValueError, match="somewhere is no bug, expected a file named like"):
        _read(module, "numerics", file)
