"""The recipes: what each notebook says its network, sets and batches are."""

import numpy as np
import pytest

from buggy_variants.notebooks import RECIPES, find_recipe
from buggy_variants.notebooks.lean import lean
from reference_mlp import Adam, mlp, train_step
from reference_mlp.digits import SUBSET, Digits, load_digits

recipes = pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)


@pytest.fixture(scope="module")
def digits():
    return load_digits(SUBSET)


def shapes(name):
    network = find_recipe(name).network(np.random.default_rng(0))
    return [p.shape for p in network.params.values()]


def test_there_are_five():
    assert list(RECIPES) == [f"notebook-00{i}" for i in range(5)]
    with pytest.raises(KeyError, match="no recipe is called 'notebook-005', expected one of"):
        find_recipe("notebook-005")


def test_networks_have_the_notebooks_widths():
    assert (
        shapes("notebook-000") == shapes("notebook-001") == [(784, 100), (100,), (100, 10), (10,)]
    )
    assert shapes("notebook-002") == [(784, 80), (80,), (80, 70), (70,), (70, 10), (10,)]
    assert shapes("notebook-003") == [(784, 10), (10,)]
    assert shapes("notebook-004")[::2] == [(784, 128), (128, 128), (128, 10)]


# The standard deviations of the first weights and biases, as the notebooks write them.
SPREADS = {
    "notebook-000": (1, 1),
    "notebook-001": (1, 1),
    "notebook-002": (0.01, 0),
    "notebook-003": (0.01 / 12**0.5, 0),
    "notebook-004": (128**-0.5, 128**-0.5),
}


@pytest.mark.parametrize(("name", "spreads"), SPREADS.items(), ids=SPREADS)
def test_initial_weights_have_the_notebooks_spread(name, spreads):
    network = find_recipe(name).network(np.random.default_rng(0))
    W, b = network.params["0.W"], network.params["0.b"]
    assert W.dtype == b.dtype == np.float32
    # A standard deviation from n numbers is off by 1 in sqrt(2 n); five of those.
    assert W.std() == pytest.approx(spreads[0], rel=5 / np.sqrt(2 * W.size))
    assert b.std() == pytest.approx(spreads[1], rel=5 / np.sqrt(2 * b.size))
    assert (W.min() >= 0) == (name == "notebook-003")


@recipes
def test_the_same_seed_gives_the_same_network_and_another_another(recipe):
    one, same, other = (recipe.network(np.random.default_rng(seed)) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one.params["0.W"], same.params["0.W"])
    assert (one.params["0.W"] != other.params["0.W"]).any()


# Rows to train on and to judge by, of 60,000 and 10,000.
SIZES = {
    "notebook-000": (50_000, 10_000),
    "notebook-001": (50_000, 10_000),
    "notebook-002": (50_000, 10_000),
    "notebook-003": (60_000, 10_000),
    "notebook-004": (55_000, 10_000),
}


@recipes
def test_the_full_set_is_divided_as_the_notebooks_do(recipe):
    X, y = np.arange(60_000, dtype=np.float32)[:, None], np.arange(60_000) % 10
    digits = Digits((X, y), (-X[:10_000], y[:10_000]))
    train, judged, test = recipe.sets(digits)
    assert (len(train[0]), len(judged[0])) == SIZES[recipe.name]
    assert train[0][-1, 0] == len(train[0]) - 1  # the first of them
    assert (judged[0][0, 0] == 50_000) == (recipe.judged_on == "validation")
    assert test[0] is digits.test[0]


@recipes
def test_batches_are_of_the_notebooks_size_and_pairs_stay_pairs(recipe, digits):
    X, targets = recipe.sets(digits).train
    X = np.arange(len(X))[:, None]
    batches = list(recipe.batches(X, targets, np.random.default_rng(0)))
    assert len(batches) == recipe.n_batches(len(X))
    assert {len(rows) for rows, _ in batches[:-1]} <= {
        recipe.batch_size,
        len(X) % recipe.batch_size,
    }
    rows = np.concatenate([rows for rows, _ in batches])[:, 0]
    np.testing.assert_array_equal(np.concatenate([y for _, y in batches]), targets[rows])
    if recipe.steps is None:
        assert sorted(rows) == list(range(len(X)))
    assert (np.diff(rows) != 1).any()  # shuffled


def test_a_stage_of_steps_has_as_many_and_no_row_twice_if_there_are_enough():
    recipe = find_recipe("notebook-004")
    X = np.arange(55_000)[:, None]
    rows = [x for x, _ in recipe.batches(X, X[:, 0], np.random.default_rng(0))]
    assert len(rows) == 1000
    assert len(np.unique(rows)) == 32_000


@recipes
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_lean_gradients_are_the_same_to_the_bit(recipe, digits, dtype):
    rng = np.random.default_rng(0)
    network = recipe.network(rng, dtype)
    X, targets = (a[:40] for a in recipe.sets(digits).train)
    X = X.astype(dtype)
    loss, grads = network.loss_and_gradients(X, targets)
    lean_loss, lean_grads = lean(network).loss_and_gradients(X, targets)
    assert lean_loss == loss
    assert list(lean_grads) == list(grads)
    for name in network.trainable:
        np.testing.assert_array_equal(lean_grads[name], grads[name])
        assert lean_grads[name].dtype == dtype
    for name in network.frozen:
        assert grads[name].any()
        assert not lean_grads[name].any()
        assert lean_grads[name].shape == grads[name].shape


def test_lean_moves_the_network_s_own_parameters():
    rng = np.random.default_rng(0)
    network, twin = (mlp((3, 4, 4, 2), rng=np.random.default_rng(1), tied=True) for _ in range(2))
    X, y = rng.normal(size=(6, 3)), rng.integers(2, size=6)
    train_step(network, Adam(), X, y)
    train_step(lean(twin), Adam(), X, y)
    for name, p in network.params.items():
        np.testing.assert_array_equal(twin.params[name], p)
