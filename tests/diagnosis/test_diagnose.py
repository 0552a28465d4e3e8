"""From observations to the bugs of the catalog: the right one, several, or none."""

from __future__ import annotations

import json
from dataclasses import replace
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from buggy_variants.diagnosis import diagnose
from buggy_variants.diagnosis.result import NOTHING
from reference_mlp.testing import PROBLEMS, Implementation, Setting
from reference_mlp.testing.check_implementation import check_implementation
from reference_mlp.testing.probes import observe
from tests.diagnosis.strangers import INJECTED, NOVEL, Stranger
from tests.testing.rewrites import REWRITES, FeaturesFirst

ON_ONE = PROBLEMS[:1]
INJECTED_BY = {id_: factory for factory, id_ in INJECTED.items()}


def seen(factory, *, problems=PROBLEMS, setting=None):
    own = Implementation(name="own", make_network=factory, problems=problems)
    return observe(own, setting or Setting(5))


@pytest.mark.parametrize("factory", INJECTED)
def test_a_bug_in_a_strangers_code_is_named_first(factory):
    assert diagnose(seen(factory), seconds=0).ids[0] == (INJECTED[factory],)


@pytest.mark.parametrize("factory", [*REWRITES, Stranger])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_right_code_is_not_diagnosed(factory, dtype):
    found = diagnose(seen(factory, setting=Setting(6, dtype)))
    assert found.differing == 0
    assert not found.suggestions
    assert NOTHING in found.summary


@pytest.mark.parametrize("factory", NOVEL)
def test_a_bug_that_is_in_no_catalog_has_no_name(factory):
    found = diagnose(seen(factory), seconds=0)
    assert found.differing > 0
    assert not found.suggestions


def test_two_bugs_of_different_parts_are_both_named():
    class Both(INJECTED_BY["GB054"], INJECTED_BY["GB041"]):
        pass

    found = diagnose(seen(Both, problems=ON_ONE), seconds=60)
    assert found.ids[0] == ("GB041", "GB054")
    assert found.suggestions[0].fit.perfect


def test_a_loss_of_another_factor_is_taken_as_meant():
    class Doubled(FeaturesFirst):
        def _data_loss(self, z, y):
            value, dz = super()._data_loss(z, y)
            return 2 * value, 2 * dz

    found = diagnose(seen(Doubled, problems=PROBLEMS[1:2]), seconds=0)
    assert not found.suggestions
    assert found.differing == 0
    assert "2 times the reference's" in found.remarks[0]


def test_what_it_looks_like_where_nothing_fits():
    class Odd(Stranger):
        def _weights(self, dz, a):
            return 0.37 * super()._weights(dz, a)

    found = diagnose(seen(Odd, problems=PROBLEMS[1:2]), seconds=0)
    assert not found.suggestions
    assert any("0.37 times" in remark for remark in found.remarks)


def test_nothing_is_said_where_no_check_is_an_alarm():
    own = Implementation(name="own", make_network=FeaturesFirst)
    report = check_implementation(own, checks=["parameter_differences"])
    assert diagnose(seen(INJECTED_BY["GB054"]), report.results).ids == ()


def test_the_rows_of_the_matrix_are_named():
    own = Implementation(name="own", make_network=INJECTED_BY["GB054"])
    report = check_implementation(own, checks=["parameter_differences", "arguments_unchanged"])
    found = diagnose(observe(own), report.results, seconds=0)
    assert found.ids[0] == ("GB054",)
    agreed, made = found.suggestions[0].agreement
    assert agreed == made > 0


def test_what_it_says_and_as_data():
    found = diagnose(seen(INJECTED_BY["GB054"], problems=ON_ONE), seconds=0)
    console = Console(file=StringIO(), width=80)
    console.print(found)
    text = console.file.getvalue()
    for part in ("GB054", "bias_gradient_missing", "Why:", "gradbugs explain GB054", "# BUG:"):
        assert part in text
    assert all(len(line) <= 80 for line in text.splitlines())
    data = json.loads(json.dumps(found.to_dict()))
    assert data["suggestions"][0]["ids"] == ["GB054"]
    assert "GB054" in found._repr_html_()


def test_names_from_outside_can_not_break_the_output():
    odd = replace(ON_ONE[0], name="<b>\x1b[31m")
    found = diagnose(seen(INJECTED_BY["GB054"], problems=(odd,)), seconds=0)
    assert "<b>" not in found._repr_html_()
    console = Console(file=StringIO(), width=80)
    console.print(found)
    assert "\x1b" not in console.file.getvalue()


def test_a_network_whose_arrays_can_not_be_read_is_not_compared():
    class Flat(FeaturesFirst):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.params["extra"] = np.zeros(1)

    found = diagnose(seen(Flat))
    assert (found.ids, found.differing) == ((), 0)
