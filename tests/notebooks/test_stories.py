"""The stories: what each mend does, alone and with others; at their end the recipe's training."""

from dataclasses import fields, replace

import numpy as np
import pytest

from buggy_variants import cli
from buggy_variants.notebooks import RECIPES, train
from buggy_variants.notebooks.stories import STORIES
from buggy_variants.notebooks.story import measure
from reference_mlp.digits import ENVIRONMENT, SUBSET, Digits, load_digits

stories = pytest.mark.parametrize("name", STORIES)


@pytest.fixture(scope="module")
def few():
    """A thousand digits to train on and to judge by, in the precision of the notebooks."""
    (X, y), test = load_digits(SUBSET, dtype="float64")
    return Digits((X[:1000], y[:1000]), test)


@pytest.fixture(scope="module")
def fewer(few):
    return Digits(*((X[:240], y[:240]) for X, y in few))


def brief(name):
    """A story whose stages, where they are of so many steps, have a tenth of them."""
    story = STORIES[name]
    return replace(story, code=replace(story.code, steps=100)) if story.recipe.steps else story


def figures(name, digits, *numbers, stages=None, seed=0):
    return [measure(brief(name), n, digits, stages=stages, seed=seed)[-1] for n in numbers]


def recipe_step(name):
    (number,) = (i for i, step in enumerate(STORIES[name].steps) if step.recipe)
    return number


@stories
def test_a_story_has_one_recipe_and_changes_what_its_code_has(name):
    story = STORIES[name]
    assert story.recipe is RECIPES[name]
    assert not story.steps[0].mends
    known = {field.name for field in fields(story.code)}
    for number, step in enumerate(story.steps):
        assert all(mend.change.keys() <= known for mend in step.mends)
        assert not (step.alone and step.recipe)
        assert (story.code_at(number) == story.code) == (not step.mends)
    assert not story.steps[recipe_step(name)].alone


def test_what_is_tried_alone_is_taken_back():
    story = STORIES["notebook-003"]
    assert story.steps[1].alone
    assert story.code_at(1).slope is story.code_at(3).slope
    assert story.code_at(2).slope is story.code.slope


@stories
def test_its_recipe_is_what_gradbugs_trains(name, few):
    recipe = replace(RECIPES[name], steps=RECIPES[name].steps and 100)
    (own,) = figures(name, few, recipe_step(name), stages=1)
    trained = train(recipe, few, stages=1).history[-1].validation
    # The same weights, batches and formulas, but for the order in which numbers are added.
    assert own.loss == pytest.approx(trained.loss, rel=1e-6)
    assert own.accuracy == trained.accuracy


@stories
def test_a_seed_replays_it_and_leaves_the_generators_alone(name, fewer):
    np.random.seed(5)  # noqa: NPY002 - what the notebooks draw from
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    one, two, other = (figures(name, fewer, 0, stages=1, seed=seed)[0] for seed in (1, 1, 2))
    assert (one.first_loss, one.accuracy) == (two.first_loss, two.accuracy)
    assert one.first_loss != other.first_loss
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_003_takes_both_of_its_mends(few):
    written, sign, order, both = figures("notebook-003", few, 0, 1, 2, 3, stages=20)
    assert np.isnan(written.loss)
    assert np.isnan(sign.loss)
    assert not order.loss < order.first_loss  # NaN, or higher
    assert both.loss < both.first_loss
    assert both.accuracy > max(f.accuracy for f in (written, sign, order)) + 0.2
    assert written.classes == sign.classes == 1


def test_001_takes_both_of_its_mends(few):
    written, labels = figures("notebook-001", few, 0, 1, stages=4)
    target, both = figures("notebook-001", few, 2, 3, stages=2)
    assert written.classes == labels.classes == 1
    assert target.classes == both.classes == 10
    # It has learnt, and its every answer is one off.
    assert target.accuracy < min(written.accuracy, labels.accuracy) + 0.05
    assert both.accuracy > target.accuracy + 0.2
    assert written.loss > written.first_loss
    assert both.loss < both.first_loss


def test_000_s_sum_and_its_rate_cancel(few):
    written, mean, both, after = figures("notebook-000", few, 0, 1, 2, 3, stages=4)
    assert mean.loss > written.loss
    assert both.loss == pytest.approx(written.loss, rel=1e-6)
    assert both.accuracy == written.accuracy
    # An epoch more than was ever shown.
    (one_more,) = figures("notebook-000", few, 2, stages=5)
    assert after.loss == one_more.loss


def test_002_s_default_is_wrong_and_trains(few):
    shared, own = figures("notebook-002", few, 1, 2, stages=5)
    assert shared.first_loss == own.first_loss
    assert shared.loss != own.loss


def test_004_starts_high_and_all_layers_learn_more(few):
    written, recipe, small, every = figures("notebook-004", few, 0, 2, 3, 4, stages=1)
    assert min(written.first_loss, recipe.first_loss) > np.log(10) + 0.3
    assert small.first_loss == pytest.approx(np.log(10), abs=0.2)
    assert every.first_loss == small.first_loss
    assert every.loss < small.loss


def test_mends_that_move_no_figure_move_none(fewer):
    for name, before, number in (
        ("notebook-000", 3, 4),
        ("notebook-001", 3, 4),
        ("notebook-002", 0, 3),
        ("notebook-003", 3, 4),
        ("notebook-004", 0, 1),
    ):
        one, other = figures(name, fewer, before, number, stages=1)
        assert other.loss == pytest.approx(one.loss, rel=1e-6)
        assert other.accuracy == one.accuracy


def gradbugs(capsys, *arguments):
    """Return (exit status, standard output, standard error)."""
    try:
        status = cli.main(arguments)
    except SystemExit as exit_:
        status = exit_.code
    return status, *capsys.readouterr()


def test_the_command_tells_it_at_80_columns(capsys, monkeypatch):
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    status, out, _ = gradbugs(capsys, "story", "notebook-003", "--epochs", "1")
    assert status == 0
    assert max(map(len, out.splitlines())) <= 80
    text = " ".join(out.split())
    assert "GB036" in text
    assert "1 x epoch on 5000 digits" in text
    assert out.count("nan") == 2
    assert "= gradbugs train" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "the following arguments are required: NOTEBOOK"),
        (("notebook-009",), "invalid choice: 'notebook-009' (choose from"),
        (("notebook-003", "--data", "/nosuch"), "/nosuch is not a folder"),
        (("notebook-003", "--epochs", "0"), "'0' is no whole number above 0"),
        (("notebook-003", "--seed", "x"), "'x' is no whole number from 0 on"),
    ],
)
def test_bad_usage_ends_with_2_and_says_what_was_expected(capsys, arguments, message):
    status, _, err = gradbugs(capsys, "story", *arguments)
    assert status == 2
    assert message in err
    assert "Traceback" not in err
