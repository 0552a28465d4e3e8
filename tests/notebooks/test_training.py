"""Training by recipe: it learns, and what is interrupted goes on bit for bit."""

import json
import subprocess
import sys
import time
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from buggy_variants.notebooks import RECIPES, find_recipe, train
from reference_mlp.digits import SUBSET, Digits, load_digits

recipes = pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)


@pytest.fixture(scope="module")
def digits():
    return load_digits(SUBSET)


@pytest.fixture(scope="module")
def few(digits):
    return Digits(*((X[:600], y[:600]) for X, y in digits))


@pytest.fixture(scope="module")
def whole(few):
    """Return a training by a recipe that nothing interrupts: the same whatever it is held to."""
    return cache(lambda recipe: train(recipe, few, seed=5, stages=3))


class KilledError(Exception):
    pass


def kill_at(moment):
    """Stop training once it is as far as `moment`, in stages."""

    def on_progress(done, _):
        if done >= moment:
            raise KilledError

    return on_progress


def assert_same(one, other):
    for name, p in one.network.params.items():
        np.testing.assert_array_equal(other.network.params[name], p)
    assert other.test == one.test
    assert [(e.number, e.loss, e.validation) for e in other.history] == [
        (e.number, e.loss, e.validation) for e in one.history
    ]


@recipes
@pytest.mark.parametrize("moment", [0.05, 1, 1.05, 2.5], ids=str)
def test_killed_and_resumed_it_ends_with_the_same_bits(
    tmp_path, monkeypatch, few, whole, recipe, moment
):
    monkeypatch.setattr("buggy_variants.notebooks.training._STEPS_BETWEEN_REPORTS", 1)
    recipe = replace(recipe, steps=recipe.steps and 30)
    path = tmp_path / "checkpoint.npz"
    with pytest.raises(KilledError):
        train(recipe, few, seed=5, stages=3, checkpoint=path, on_progress=kill_at(moment))
    assert path.exists() == (moment >= 1)
    resumed = train(recipe, few, seed=5, stages=3, checkpoint=path, resume=True)
    assert_same(whole(recipe), resumed)
    # Once more, of a training that is complete.
    assert_same(whole(recipe), train(recipe, few, seed=5, stages=3, checkpoint=path, resume=True))


def test_resumed_for_more_stages_it_ends_as_if_asked_for_them_at_once(tmp_path, few):
    recipe, path = find_recipe("notebook-002"), tmp_path / "checkpoint.npz"
    train(recipe, few, stages=1, checkpoint=path)
    assert_same(
        train(recipe, few, stages=3),
        train(recipe, few, stages=3, checkpoint=path, resume=True),
    )


def test_without_resume_it_begins_anew(tmp_path, few):
    recipe, path = find_recipe("notebook-003"), tmp_path / "checkpoint.npz"
    train(recipe, few, stages=3, checkpoint=path)
    assert len(train(recipe, few, stages=1, checkpoint=path).history) == 1


@pytest.mark.parametrize(
    ("others", "complaint"),
    [
        (
            {"recipe": find_recipe("notebook-001")},
            "of recipe 'notebook-000', expected 'notebook-001'",
        ),
        ({"seed": 1}, "of seed 0, expected 1"),
        ({"threads": 2}, "of threads 1, expected 2"),
        ({"digits": "all"}, "of data '600 and 600 digits, CRC .*, expected '5000 and 1000 digits"),
    ],
    ids=["recipe", "seed", "threads", "data"],
)
def test_another_training_s_checkpoint_is_refused(tmp_path, few, digits, others, complaint):
    path = tmp_path / "checkpoint.npz"
    own = {"recipe": find_recipe("notebook-000"), "digits": few, "checkpoint": path}
    train(**own, stages=1)
    before = path.read_bytes()
    others = {"digits": digits} if "digits" in others else others
    with pytest.raises(ValueError, match=complaint):
        train(**{**own, **others}, resume=True)
    assert path.read_bytes() == before


def test_frozen_layers_stay_and_the_last_moves(few):
    recipe = find_recipe("notebook-004")
    before = recipe.network(np.random.default_rng(0)).params
    after = train(recipe, few, stages=1).network.params
    for name, p in before.items():
        assert (after[name] == p).all() == (name in recipe.frozen)


def test_a_loss_that_is_no_number_ends_training(few):
    X = few.train[0].copy()
    X[0] = 3e38
    with (
        np.errstate(all="ignore"),
        pytest.raises(FloatingPointError, match=r"loss became .* of stage 1 of notebook-003"),
    ):
        train(find_recipe("notebook-003"), Digits((X, few.train[1]), few.test))


# On 5,000 digits; the chance of ten classes is 0.1.
LEARNS = {
    "notebook-000": (5, 0.75),
    "notebook-001": (1, 0.5),
    "notebook-002": (15, 0.8),
    "notebook-003": (20, 0.6),
    "notebook-004": (8, 0.3),
}


@pytest.mark.parametrize(("name", "stages", "accuracy"), [(n, *v) for n, v in LEARNS.items()])
def test_it_learns_the_embedded_digits(digits, name, stages, accuracy):
    trained = train(find_recipe(name), digits, stages=stages)
    assert trained.test.accuracy > accuracy
    assert len(trained.history) == stages


TRAINING = """
import sys
from buggy_variants.notebooks import find_recipe, train
from reference_mlp.digits import SUBSET, load_digits
digits = load_digits(SUBSET)
print("ready", flush=True)
train(find_recipe("notebook-002"), digits, stages=8, checkpoint=sys.argv[1], resume=True)
"""


def start(path):
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and words
        [sys.executable, "-c", TRAINING, str(path)], stdout=subprocess.PIPE
    )
    process.stdout.readline()
    return process


def finished(path):
    """The weights of a checkpoint, and its history but for the seconds."""
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    record = json.loads(arrays.pop("record").tobytes())
    for epoch in record["history"]:
        del epoch["seconds"]
    return arrays, record


@pytest.mark.slow
def test_killed_at_20_random_moments_it_ends_with_the_same_bits(tmp_path):
    process = start(tmp_path / "whole.npz")
    begun = time.perf_counter()
    process.communicate()
    duration = time.perf_counter() - begun
    assert process.returncode == 0
    arrays, record = finished(tmp_path / "whole.npz")
    assert len(record["history"]) == 8
    rng = np.random.default_rng(0)
    n_killed = 0
    for i, delay in enumerate(rng.uniform(0, duration, size=20)):
        path = tmp_path / f"{i}.npz"
        process = start(path)
        time.sleep(delay)
        process.kill()
        process.communicate()
        n_killed += process.returncode < 0
        process = start(path)
        process.communicate()
        assert process.returncode == 0
        resumed, its_record = finished(path)
        assert its_record == record
        for name, array in arrays.items():
            np.testing.assert_array_equal(resumed[name], array)
    # Some may have ended before they could be killed, on a machine that is quieter by then.
    assert n_killed >= 10
