"""What a gradient checker catches of the catalog, counted by running it."""

from __future__ import annotations

import numpy as np
import pytest

from buggy_variants import catalog, find
from buggy_variants.catalog import Entry
from buggy_variants.checkers import VISIBLE_TO, Caught, caught, is_checker, visible
from buggy_variants.cli import main
from reference_mlp.testing import PROBLEMS
from reference_mlp.testing.gradient_checker import gradients_are_right

CHECKERS = [entry for entry in catalog().values() if is_checker(entry)]


def test_the_family_is_of_checkers():
    assert {e.id for e in CHECKERS} == {
        e.id for e in catalog().values() if e.family == "wrong_checks"
    }
    assert len(CHECKERS) >= 20


def test_no_two_checkers_are_one_function():
    codes = {e.bug.replaces["gradient_checker"].__code__.co_code for e in CHECKERS}
    assert len(codes) == len(CHECKERS)


def test_visible_bugs_are_declared_so_and_are_of_networks():
    ids = {entry.id for entry in visible()}
    assert {"GB031", "GB041", "GB064"} <= ids
    # Bugs that differences are blind to, and bugs of a checker itself.
    assert not {"GB056", "GB061", "GB196"} & ids
    assert all(VISIBLE_TO & set(entry.bug.flagged_by) for entry in visible())


def test_the_reference_catches_all_of_them_and_accuses_nobody():
    found = caught(gradients_are_right)
    assert found.missed == ()
    assert found.alarms == ()
    assert len(found.caught) == len(visible())


def test_one_that_says_yes_catches_nothing_and_one_that_says_no_accuses_the_reference():
    yes, no = caught(lambda *_: True), caught(lambda *_: False)
    assert yes.caught == ()
    assert yes.alarms == ()
    assert no.missed == ()
    assert no.alarms == tuple(problem.name for problem in PROBLEMS)


def test_a_bug_is_shown_only_where_it_does_something():
    met = set()

    def checker(network, X, y):
        met.add((type(network.loss_function).__name__, network.penalty.strength))
        return True

    caught(checker)
    only = {entry.id for entry in visible()}
    assert "GB036" in only  # the sign of the binary cross-entropy, which is in one problem
    from buggy_variants.checkers import _unlike

    assert [p.loss for p in _unlike("GB036")] == ["sigmoid_binary_cross_entropy"]
    assert ("SigmoidBinaryCrossEntropy", 0.0) in met


def test_raising_counts_as_catching_and_moved_parameters_are_not_handed_on():
    def raising(network, X, y):
        total = sum(float(np.abs(p).sum()) for p in network.params.values())
        assert total < 1e6
        for p in network.params.values():
            p += 1e6
        return True

    assert caught(raising).caught == ()

    def strict(network, X, y):
        raise AssertionError

    assert caught(strict).missed == ()


@pytest.mark.parametrize(
    ("id_", "catches", "misses"),
    [
        # a batch of one: the sum for the mean
        pytest.param("GB191", "GB041", "GB031", marks=pytest.mark.slow),
        # the last layer: an activation's derivative
        ("GB187", "GB031", "GB041"),
        # signs: a factor in the bias
        pytest.param("GB097", "GB036", "GB063", marks=pytest.mark.slow),
    ],
)
def test_each_misses_what_its_page_says(id_, catches, misses):
    found = caught(find(id_).bug.replaces["gradient_checker"])
    assert catches in found.caught
    assert misses in found.missed


def test_the_counts_are_a_sentence():
    assert str(Caught(("GB001",), ("GB002", "GB003"), ())) == (
        "Of the 3 bugs that a gradient check can see, this one catches 1; it misses GB002, GB003."
    )
    assert str(Caught(("GB001",), (), ("a problem",))).endswith(
        "catches 1. It calls the reference wrong, too: a problem."
    )


@pytest.mark.slow
def test_explain_says_what_a_checker_catches(capsys):
    assert main(["explain", "GB199"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert f"Of the {len(visible())} bugs that a gradient check can see" in out
    assert "this one catches 0; it misses GB" in out


def test_an_entry_of_a_network_is_no_checker():
    entry = find("GB001")
    assert isinstance(entry, Entry)
    assert not is_checker(entry)
