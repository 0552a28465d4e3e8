"""The smallest cover is one, and is the smallest."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from buggy_variants import catalog, cli
from buggy_variants.cover import flags_alone, minimal_cover


def covers(checks, flagged_by):
    return all(set(checks) & set(c) for c in flagged_by.values())


@pytest.mark.parametrize("seed", range(20))
def test_no_smaller_set_covers(seed):
    rng = np.random.default_rng(seed)
    names = list("ABCDEFGH")
    flagged_by = {
        f"bug {i}": list(rng.choice(names, size=rng.integers(1, 4), replace=False))
        for i in range(15)
    }
    found = minimal_cover(flagged_by)
    assert covers(found.checks, flagged_by)
    fewer = combinations(names, len(found.checks) - 1)
    assert not any(covers(checks, flagged_by) for checks in fewer)


def test_what_each_adds_is_what_none_before_it_flags():
    flagged_by = {"a": ["X", "Y"], "b": ["X"], "c": ["Y", "Z"], "d": ["Z"], "e": ["X"]}
    found = minimal_cover(flagged_by)
    assert found.checks == ("X", "Z")
    assert found.added == (("a", "b", "e"), ("c", "d"))


def test_what_is_given_is_not_bought_again():
    flagged_by = {"a": ["X"], "b": ["Y", "Z"], "c": ["Z"]}
    assert minimal_cover(flagged_by, given=["X"]).checks == ("Z",)
    assert minimal_cover(flagged_by, given=["X", "Z"]).checks == ()


def test_a_bug_that_nothing_flags_is_named():
    with pytest.raises(ValueError, match="no check flags b"):
        minimal_cover({"a": ["X"], "b": []})


def test_what_only_one_flags():
    assert flags_alone({"a": ["X"], "b": ["X", "Y"], "c": ["X"]}) == {"X": ("a", "c")}


def test_the_command_prints_a_cover_of_the_catalog(capsys):
    assert cli.main(["cover"]) == 0
    out = capsys.readouterr().out
    flagged_by = {entry.id: entry.bug.caught_by for entry in catalog().values()}
    found = minimal_cover(flagged_by)
    assert all(check in out for check in found.checks)
    assert f"{len(found.checks)} checks flag all {len(flagged_by)} bugs" in out


def test_the_command_takes_checks_as_given(capsys):
    assert cli.main(["cover", "--given", "FD", "EXT"]) == 0
    assert "beyond parameter_differences, extreme_logits" in " ".join(
        capsys.readouterr().out.split()
    )
