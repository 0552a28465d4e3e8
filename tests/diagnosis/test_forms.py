"""A stranger's bug with a constant of their own: named as the entry's, with the constant."""

from __future__ import annotations

import json
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from buggy_variants.catalog import find
from buggy_variants.diagnosis import diagnose
from buggy_variants.diagnosis.case import Case
from buggy_variants.diagnosis.compare import Fit
from buggy_variants.diagnosis.found import cover, one_a_bug
from buggy_variants.diagnosis.suggestion import Suggestion
from buggy_variants.diagnosis.suspects import Suspect
from reference_mlp.testing import PROBLEMS, Implementation, Setting, assemble
from reference_mlp.testing.probes import observe
from tests.diagnosis.strangers import INJECTED, Stranger


def with_loss(loss, base=Stranger):
    """Return a stranger's network whose cross-entropy is `loss` of probabilities (K, N)."""

    class Own(base):
        def _data_loss(self, z, y):
            value, dz = super()._data_loss(z, y)
            if not self._classifies:
                return value, dz
            return (loss(self._softmax(z)) * self._one_hot(z, y)).sum(axis=0).mean(), dz

    return Own


def plus(epsilon):
    return lambda p: -np.log(p + epsilon)


def clipped(lowest, highest=1.0):
    return lambda p: -np.log(np.clip(p, lowest, highest))


CLASSIFYING = tuple(p for p in PROBLEMS if p.loss == "softmax_cross_entropy")


def diagnosed(factory, dtype=np.float64, problems=CLASSIFYING, seconds=0):
    own = Implementation(name="own", make_network=factory, problems=problems)
    with np.errstate(all="ignore"):
        return diagnose(observe(own, Setting(5, dtype)), seconds=seconds)


@pytest.mark.parametrize(
    ("loss", "named"),
    [
        (plus(1e-12), "GB005 log_p_plus_eps (with an epsilon of 1e-12)"),
        (plus(1e-8), "GB005 log_p_plus_eps (with an epsilon of 1e-8)"),
        (plus(1e-20), "GB005 log_p_plus_eps"),
        (clipped(1e-7), "GB006 clip_in_loss_only (with a floor of 1e-7)"),
        (clipped(1e-7, 1 - 1e-7), "GB006 clip_in_loss_only (on both sides, at 1e-7)"),
    ],
)
def test_a_strangers_constant_is_said(loss, named):
    first, *others = diagnosed(with_loss(loss)).suggestions
    assert first.fit.perfect
    assert first.named == named
    # At 1e-20 a clip can't be told from an epsilon by a network's loss.
    assert not others or "with a floor of 1e-20" in others[0].named


def test_in_float32_both_are_listed_where_the_rounding_hides_which_it_is():
    found = diagnosed(with_loss(plus(1e-12)), np.float32)
    assert all(suggestion.fit.perfect for suggestion in found.suggestions)
    named = {suggestion.named for suggestion in found.suggestions}
    assert "GB005 log_p_plus_eps (with an epsilon of 1e-12)" in named
    assert named <= {"GB005 log_p_plus_eps (with an epsilon of 1e-12)", "GB006 clip_in_loss_only"}


@pytest.mark.parametrize(
    ("loss", "id_"), [(plus(3e-11), "GB005"), (clipped(3e-11), "GB006"), (plus(0.003), None)]
)
def test_a_constant_that_no_form_has_is_a_sign(loss, id_):
    found = diagnosed(with_loss(loss))
    assert not found.suggestions
    signs = [sign for sign in found.signs if "between that" in sign.named]
    assert [sign.ids for sign in signs] == ([(id_,)] if id_ else [])
    if id_:
        assert "1e-1" in signs[0].forms[id_]
        assert "lie between theirs" in signs[0].why


def test_a_loss_that_is_none_of_them_is_no_sign_of_a_constant():
    found = diagnosed(with_loss(lambda p: -0.5 * np.log(p + 1e-10)))
    assert not [sign for sign in found.signs if "between that" in sign.named]


def test_a_constant_beside_another_bug():
    (factory,) = (factory for factory, id_ in INJECTED.items() if id_ == "GB054")
    own = with_loss(plus(1e-10), factory)
    found = diagnosed(own, problems=CLASSIFYING[:1], seconds=30)
    assert found.ids[0] == ("GB005", "GB054")
    assert found.suggestions[0].forms == {"GB005": "with an epsilon of 1e-10"}
    assert found.suggestions[0].fit.perfect


def test_it_is_said_in_text_in_data_and_in_html():
    found = diagnosed(with_loss(plus(1e-10)))
    console = Console(file=StringIO(), width=80)
    console.print(found)
    assert "It is GB005 log_p_plus_eps (with an epsilon of 1e-10)." in console.file.getvalue()
    data = json.loads(json.dumps(found.to_dict()))["suggestions"][0]
    assert data["ids"] == ["GB005"]
    assert data["forms"] == {"GB005": "with an epsilon of 1e-10"}
    assert "GB005 log_p_plus_eps (with an epsilon of 1e-10)" in found._repr_html_()


def test_two_bugs_in_one_formula_are_both_named():
    (form,) = find("GB036").bug.also
    own = assemble("own", **form.replaces)
    with np.errstate(all="ignore"):
        found = diagnose(observe(own, probes=["losses", "networks"]))
    assert found.ids == (("GB036", "GB037"),)
    assert found.suggestions[0].fit.perfect
    named = "GB036 bce_sign with GB037 arguments_swapped (each hiding the other)"
    assert found.suggestions[0].named == named
    assert [entry.id for entry in found.suggestions[0].entries] == ["GB036", "GB037"]


def test_forms_that_fit_equally_are_one_suggestion():
    # In float32 1 - 1e-15 is 1, so that both are one function.
    found = diagnosed(with_loss(clipped(1e-15)), np.float32)
    (of_clip,) = (s for s in found.suggestions if s.ids == ("GB006",))
    said = {"with a floor of 1e-15", "on both sides, at 1e-15"}
    assert set(of_clip.forms["GB006"].split(" or ")) == said


def test_what_an_entry_gives_by_itself_says_nothing_of_a_form():
    found = diagnosed(with_loss(clipped(1e-12)), np.float32)
    (of_clip,) = (s for s in found.suggestions if s.ids == ("GB006",))
    assert of_clip.forms == {}


def test_forms_are_tried_only_where_they_explain_something():
    (factory,) = (factory for factory, id_ in INJECTED.items() if id_ == "GB063")
    own = Implementation(name="own", make_network=factory, problems=CLASSIFYING)
    assert Case(observe(own, Setting(5))).forms() == ()
    own = Implementation(name="own", make_network=with_loss(plus(1e-9)), problems=CLASSIFYING)
    tried = Case(observe(own, Setting(5))).forms()
    assert Suspect("GB005", "with an epsilon of 1e-9") in tried
    assert Suspect("GB005", "with an epsilon of 1e-6") not in tried


def test_of_one_entry_one_form_is_found():
    fit = Fit(explained=4, keys=(("networks", "a"),))
    forms = [((Suspect("GB005", f"with an epsilon of 1e-{n}"),), fit) for n in (8, 9)]
    assert one_a_bug(forms) == forms[:1]
    other = Fit(explained=4, keys=(("networks", "b"), ("networks", "c"), ("networks", "d")))
    assert cover([forms[0], (forms[1][0], other)])[0] == forms[0][0]


def test_names_are_joined_as_in_a_sentence():
    fit = Fit(explained=1, keys=(("networks", "a"),))
    suspects = (Suspect("GB005", "with an epsilon of 1e-8"), Suspect("GB031"))
    named = "GB005 log_p_plus_eps (with an epsilon of 1e-8) and GB031 sum_for_mean"
    assert Suggestion(suspects, fit).named == named


def test_a_draw_of_the_global_generator_is_held_against_nothing():
    observation = observe(find("GB136").implementation, probes=["initialisers"])
    left = Case(observation).wrong["initialisers"]
    assert left == {"he_normal: global generator"}


def test_a_part_that_was_lent_is_not_asked():
    own = assemble("own", minibatches=find("GB091").bug.also[0].replaces["minibatches"])
    assert "fit" in observe(own, probes=["fit", "minibatches"]).answers
    lent = Implementation(name="own", minibatches=own.minibatches, fit=assemble().fit)
    lent = Implementation(**{**vars(lent), "lent": frozenset({"fit"})})
    assert list(observe(lent, probes=["fit", "minibatches"]).answers) == ["minibatches"]
    assert diagnose(observe(lent, probes=["fit", "minibatches"])).ids == (("GB091",),)
