"""Signs: what looks like a known bug, among other things that are wrong."""

import numpy as np

from buggy_variants import find
from buggy_variants.diagnosis import diagnose
from reference_mlp.testing import assemble
from reference_mlp.testing.probes import observe


def inferred_and_halved(y, n_classes, **_):
    """As many columns as labels were seen, and halves for ones: of these no bug is known."""
    rows = np.zeros((len(y), int(np.max(y, initial=0)) + 1))
    rows[np.arange(len(y)), y] = 0.5 if np.max(y, initial=0) + 1 == n_classes else 1
    return rows


def tripled(y, n_classes, **_):
    return 3 * np.eye(n_classes)[y]


def diagnosis_of(one_hot):
    return diagnose(observe(assemble("mine", one_hot=one_hot), probes=["one_hot"]))


def test_a_bug_among_others_is_a_sign():
    found = diagnosis_of(inferred_and_halved)
    assert not found.suggestions
    assert [sign.ids for sign in found.signs] == [("GB087",)]
    assert found.to_dict()["signs"][0]["contradicted"] == 0
    assert "GB087" in found._repr_html_()


def test_what_is_like_no_known_bug_has_no_sign_of_one():
    found = diagnosis_of(tripled)
    assert found.differing
    assert not found.suggestions
    assert not found.signs


def test_what_is_explained_needs_no_sign():
    found = diagnose(observe(find("GB087").implementation, probes=["one_hot"]))
    assert found.ids == (("GB087",),)
    assert not found.signs
