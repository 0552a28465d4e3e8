"""Other forms of an entry's bug: its checks flag each of them, and each is another function."""

from __future__ import annotations

from dataclasses import replace

import pytest

from buggy_variants import catalog, find
from buggy_variants.bug import Form, forms
from buggy_variants.cli.explain import facts
from reference_mlp import softmax
from reference_mlp.testing import CHECKS, Outcome, Problem, assemble, run_check
from tests.catalog.test_catalog import declaration
from tests.diagnosis.test_apart import tied

FORMS = {
    f"{entry.id}, {form.says}": (entry, form)
    for entry in catalog().values()
    for form in entry.bug.also
}
SEEN = {Outcome.FLAGGED, Outcome.CRASHED}
OF_SQUASHED_OUTPUTS = Problem(
    "sigmoids at the outputs", (4, 6, 3), ("sigmoid", "sigmoid"), "squared_error", "fractions", 5
)


@pytest.mark.parametrize(("entry", "form"), FORMS.values(), ids=FORMS)
def test_a_check_of_its_entry_flags_it(entry, form):
    own = assemble(entry.id, **form.replaces)
    own = replace(own, problems=(*own.problems, OF_SQUASHED_OUTPUTS))
    assert any(run_check(CHECKS[name], own).outcome in SEEN for name in entry.bug.caught_by)


def test_no_form_is_the_function_of_another_or_of_an_entry():
    parts = {part for _, form in FORMS.values() for part in form.replaces}
    originals = [entry for entry in catalog().values() if parts & entry.bug.replaces.keys()]
    written = [
        replace(entry, id=name, bug=replace(entry.bug, replaces=form.replaces, also=()))
        for name, (entry, form) in FORMS.items()
    ]
    assert tied([*originals, *written]) == []


def test_what_is_beside_it_is_another_entry():
    for entry, form in FORMS.values():
        assert set(form.beside) <= set(catalog()) - {entry.id}


def test_an_entry_says_which_other_forms_are_recognised():
    said = dict(facts(find("GB117")))["Also recognised"]
    assert said == "with all layers but the last left out."
    assert "1e-9, 1e-10, 1e-12" in dict(facts(find("GB005")))["Also recognised"]
    assert dict(facts(find("GB036")))["Also recognised"] == "with GB037, each hiding the other."
    assert "Also recognised" not in dict(facts(find("GB002")))


@pytest.mark.parametrize(
    ("replaces", "says", "message"),
    [
        ({"softmax": softmax}, "", "says of the form is empty"),
        ({}, "of another", "replaces of the form is empty"),
        ({"softmaxx": softmax}, "of another", r"replaces of the form has \['softmaxx'\]"),
    ],
)
def test_a_wrong_form_is_refused(replaces, says, message):
    with pytest.raises(ValueError, match=message):
        Form(replaces, says)


def test_two_forms_that_say_the_same_are_refused():
    with pytest.raises(ValueError, match="forms that say the same"):
        declaration(also=(Form({"softmax": softmax}, "twice"),) * 2)


def test_forms_of_a_class_and_of_a_function_have_the_constant():
    class Buggy:
        epsilon = 1.0

    def buggy(epsilon=1.0):
        return epsilon

    (of_class,) = forms("adam", Buggy, "with an epsilon of", epsilon=(0.5,))
    (of_function,) = forms("sgd", buggy, "with an epsilon of", epsilon=(0.5,))
    assert of_class.replaces["adam"]().epsilon == of_function.replaces["sgd"]() == 0.5
    assert Buggy.epsilon == buggy() == 1.0
