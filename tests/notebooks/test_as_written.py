"""The notebooks as they were written: their defects are flagged, and are those of the notebook."""

import numpy as np
import pytest

from buggy_variants.catalog import catalog
from buggy_variants.diagnosis import diagnose
from buggy_variants.notebooks import RECIPES
from buggy_variants.notebooks.as_written import nb000, nb001, nb002, nb003, nb004
from buggy_variants.notebooks.stories import STORIES
from buggy_variants.notebooks.stories import nb001 as story_001
from buggy_variants.notebooks.stories import nb003 as story_003
from buggy_variants.origins import places
from reference_mlp.digits import SUBSET, load_digits
from reference_mlp.testing.adapt import seeded
from reference_mlp.testing.check_implementation import check_implementation
from reference_mlp.testing.probes import observe
from reference_mlp.testing.report import ALARMS
from reference_mlp.testing.target import load_target

# What a check says of a defect, by the entry: of the network, and of what there is around it.
SEEN = {
    "000": {
        "GB031": ("gradient_scale", "N, the batch size"),
        "GB071": ("initial_network", "times as large"),
        "GB136": ("initial_draws", "NumPy's global generator"),
        "GB091": ("batches_cover", "rows never come"),
    },
    "001": {
        "GB025": ("everything_matters", "target"),
        "GB086": ("one_hot_rows", ""),
        "GB001": ("softmax_ulps", "nan"),
        "GB136": ("initial_draws", "NumPy's global generator"),
    },
    "002": {
        "GB051": ("input_differences", "ratio 8"),
        "GB005": ("certified_gradients", ""),
        "GB087": ("one_hot_rows", "largest class absent"),
        "GB091": ("batches_cover", "rows never come"),
    },
    "003": {
        "GB036": ("parameter_differences", ""),
        "GB037": ("first_order_decrease", ""),
        "GB012": ("floating_point_warnings", "divide by zero"),
        "GB073": ("initial_network", "are positive"),
        "GB136": ("initial_draws", "NumPy's global generator"),
        "GB184": ("batches_cover", "another order"),
    },
    "004": {
        "GB117": ("parameter_differences", "analytic 0"),
        "GB034": ("duplicated_batch", "(32,) (64,)"),
        "GB072": ("initial_law", "ratio"),
        "GB136": ("initial_draws", "NumPy's global generator"),
    },
}
MODULES = {"000": nb000, "001": nb001, "002": nb002, "003": nb003, "004": nb004}


def alarms(implementation, checks):
    with np.errstate(all="ignore"):
        results = check_implementation(implementation, checks=checks).results
    return {result.check: result.message for result in results if result.outcome in ALARMS}


@pytest.mark.parametrize("notebook", SEEN)
def test_its_defects_are_flagged(notebook):
    checks = dict.fromkeys(check for check, _ in SEEN[notebook].values())
    found = alarms(MODULES[notebook].make_all(), list(checks))
    for entry, (check, says) in SEEN[notebook].items():
        assert says in found.get(check, "not flagged"), entry


@pytest.mark.slow
def test_shapes_that_agree_are_no_check_of_gradients():
    checks = ["checker_passes_right", "checker_catches_wrong"]
    assert list(alarms(nb001.make_all(), checks)) == checks[1:]


@pytest.mark.parametrize("notebook", MODULES)
def test_it_can_be_named_on_the_command_line(notebook):
    target = f"buggy_variants.notebooks.as_written.nb{notebook}"
    for name in ("make_network", "make_all"):
        own = load_target(f"{target}:{name}")
        assert own.make_network is not None
        assert own.problems[0].name == notebook
    assert own.initialisers or own.one_hot


@pytest.mark.parametrize("name", STORIES)
def test_each_mend_names_entries_that_exist(name):
    named = {entry for step in STORIES[name].steps for mend in step.mends for entry in mend.entries}
    assert named <= set(catalog())
    # Most of them are of this very notebook: the table of its lines says so.
    own = {place.entry.id for place in places() if place.notebook == name[-3:]}
    assert len(named & own) >= len(named) - 2


def test_a_default_activation_of_two_layers_is_flagged():
    checks = ["parameter_differences", "equal_arrays"]
    assert "parameter_differences" in alarms(nb002.make_with_defaults(), checks)
    assert not alarms(nb002.make_network(), ["parameter_differences"])


def test_a_hidden_relu_of_003_is_flagged_even_when_its_cost_is_mended():
    code = story_003.STORY.code_at(3)
    assert not alarms(nb003.make_network(code), ["parameter_differences"])
    found = alarms(nb003.make_with_hidden_layer(code), ["parameter_differences"])
    assert "parameter_differences" in found


def test_003_is_nan_after_one_batch():
    X, targets = (a[:200] for a in RECIPES["notebook-003"].sets(load_digits(SUBSET)).train)
    network = nb003.MLP((784, 10))
    with np.errstate(all="ignore"):
        network.learn(X, targets)
    assert np.isnan(network.layers[0].W).all()
    assert (network.logits(X).argmax(axis=1) == 0).all()


def test_001_teaches_the_first_target_whatever_it_is_handed():
    nb001.earlier_cells(np.array([5, 0]), 10, nb001.Code())
    assert nb001.CELLS["t"].argmax() == 4
    x = np.full((784, 1), 0.1)
    one, other = (nb001.OneLayerMLP((784, 20, 10), rng=np.random.default_rng(0)) for _ in "ab")
    for name in "WbVc":
        setattr(other, name, getattr(one, name).copy())
    for network, label in ((one, 3), (other, 8)):
        for _ in range(300):
            target = nb001.one_hot(np.array([label]), 10).T
            network.backprop(network.forward(x), target, 0.1)
    np.testing.assert_array_equal(one.V, other.V)
    assert one.logits(x.T).argmax() == 4


def test_004_starts_above_the_loss_of_a_guess():
    X, y = load_digits(SUBSET).test
    losses = []
    for seed in range(5):
        np.random.seed(seed)  # noqa: NPY002 - what the notebook draws from
        p, _ = nb004.Model((784, 128, 128, 10)).forward(X)
        losses.append(-np.log(p[np.arange(len(y)), y]).mean())
    assert min(losses) > np.log(10) + 0.2


def test_004_takes_batches_of_one_size_only():
    network = nb004.Model((3, 4, 2))
    with pytest.raises(IndexError):
        network.learn(np.ones((5, 3)), np.zeros(5, int))


# The notebook's code, what its diagnosis names, and how many of its answers are left.
DIAGNOSED = {
    "000, the network": (nb000.make_network, "GB003 GB008 GB031", 0),
    "000, all": (nb000.make_all, "GB003 GB008 GB031 GB091 GB136", 1),
    "001, the network": (nb001.make_network, "GB001 GB008 GB025", None),
    "001, all": (nb001.make_all, "GB001 GB025 GB086 GB136 GB211", None),
    "001, the target mended": (story_001.target_mended, "GB086", None),
    "002, the network": (nb002.make_network, "GB005 GB051", 0),
    "002, all": (nb002.make_all, "GB005 GB051 GB087 GB091", 2),
    "003, the network": (nb003.make_network, "GB008 GB012 GB036 GB037", 0),
    "003, all": (nb003.make_all, "GB008 GB012 GB036 GB037 GB073 GB136 GB184", 0),
    "003, the sign mended": (story_003.sign_mended, "GB008 GB012 GB037", 0),
    "003, the order mended": (story_003.order_mended, "GB008 GB012 GB036", 0),
    "004, the network": (nb004.make_network, "GB003 GB034 GB117", 1),
    "004, all": (nb004.make_all, "GB003 GB034 GB117 GB136", 1),
}
FORMS = {
    "002, the network": {"GB005": "with an epsilon of 1e-10"},
    "003, the network": {"GB012": "in one formula", "GB036": "each hiding the other"},
    "004, the network": {
        "GB034": "as an index of 32 rows",
        "GB117": "with all layers but the last left out",
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("name", DIAGNOSED)
def test_its_defects_are_named(name):
    make, entries, left = DIAGNOSED[name]
    # The notebooks draw from the global generators.
    with seeded(0), np.errstate(all="ignore"):
        found = diagnose(observe(make()), seconds=8)
    first, *others = found.suggestions
    assert set(entries.split()) <= set(first.ids)
    assert not any(set(other.suspects) < set(first.suspects) for other in others)
    assert FORMS.get(name, first.forms).items() <= first.forms.items()
    if left is not None:
        assert first.fit.contradicted == 0
        of_signs = {key for sign in found.signs for key in sign.fit.keys}
        assert len(first.fit.left - of_signs) <= left
