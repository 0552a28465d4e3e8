"""What the probes observe: plain data, the same at each call, and in any layout."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from reference_mlp.testing import PROBLEMS, Implementation, Setting, assemble
from reference_mlp.testing.implementation import NotProvidedError
from reference_mlp.testing.probes import PROBES, observe
from tests.testing.rewrites import FeaturesFirst

NETWORKS = ("networks", "steps", "fresh_network")


def test_an_observation_is_pickled_and_the_same_at_each_call():
    quick = [name for name in PROBES if name != "gradient_checker"]
    one, other = (observe(assemble(), Setting(3), probes=quick) for _ in range(2))
    assert set(one.answers) == set(quick)
    copied = pickle.loads(pickle.dumps(one))
    for name, answers in one.answers.items():
        assert answers, name
        for key, answer in answers.items():
            np.testing.assert_array_equal(answer, other.answers[name][key], err_msg=key)
            np.testing.assert_array_equal(answer, copied.answers[name][key], err_msg=key)


@pytest.mark.parametrize("name", PROBES)
def test_the_reference_can_answer(name):
    answers = PROBES[name](assemble(), Setting())
    errors = {key for key, a in answers.items() if isinstance(a, str) and a.endswith("Error")}
    # These are refused: there is no score of NaN, and pixels that are scaled aren't scaled again.
    assert errors <= {"NaN", "scaled already"}


def test_another_layout_gives_the_same_questions():
    own = Implementation(name="own", make_network=FeaturesFirst)
    seen = observe(own).answers["networks"]
    right = observe(assemble(), probes=["networks"]).answers["networks"]
    assert set(seen) <= set(right)
    key = f"{PROBLEMS[0].name}, at usual parameters: gradients/W1"
    np.testing.assert_allclose(seen[key], right[key], rtol=1e-9)


def test_square_layers_are_read_the_right_way_round():
    problem = PROBLEMS[1].enlarged(1)
    square = type(problem)("square", (4, 4, 4), ("tanh",), problem.loss, "labels", 5)
    own = Implementation(name="own", make_network=FeaturesFirst, problems=(square,))
    right = Implementation(name="right", make_network=assemble().make_network, problems=(square,))
    key = "square, at usual parameters: gradients/W1"
    one, other = (observe(i, probes=["networks"]).answers["networks"][key] for i in (own, right))
    np.testing.assert_allclose(one, other, rtol=1e-9)


def test_what_raises_is_an_answer_and_what_is_not_provided_is_none():
    class Broken(FeaturesFirst):
        def loss(self, X, y):
            raise ZeroDivisionError

        def gradients(self, X, y):
            raise NotProvidedError

    own = Implementation(name="own", make_network=Broken, problems=PROBLEMS[:1])
    seen = observe(own, probes=["networks"]).answers["networks"]
    assert seen[f"{PROBLEMS[0].name}, one row: loss"] == "ZeroDivisionError"
    assert not any(
        "gradients" in key.rpartition(": ")[2].partition("/")[0] for key in seen if "/" in key
    )


def test_what_a_call_changes_is_observed():
    class Writes(FeaturesFirst):
        def loss(self, X, y):
            X += 1
            return super().loss(X, y)

    own = Implementation(name="own", make_network=Writes, problems=PROBLEMS[:1])
    seen = observe(own, probes=["networks"]).answers["networks"]
    assert seen[f"{PROBLEMS[0].name}, at usual parameters: changed by the calls"] == "X"


def test_a_factory_that_raises_is_an_answer():
    def make_network(sizes, *, activation, loss, l2, dtype, rng):
        raise OSError

    own = Implementation(name="own", make_network=make_network)
    assert observe(own, probes=["networks"]).answers == {"networks": {"cannot be made": "OSError"}}


def test_a_part_that_is_lacking_is_not_asked():
    own = Implementation(name="own", softmax=assemble().softmax)
    assert set(observe(own).answers) == {"softmax"}
