"""Networks that give less than the checks ask: what can be judged is, and nothing cries wolf."""

from __future__ import annotations

import numpy as np
import pytest

from reference_mlp import mlp
from reference_mlp.testing import CHECKS, Implementation, Outcome, Setting, run_check
from reference_mlp.testing.assembly import with_training
from reference_mlp.testing.bare import Bare, made_up
from reference_mlp.testing.check_implementation import check_implementation
from reference_mlp.testing.implementation import NotProvidedError
from tests.own import nets

IN_PART = ("row_order", "class_names", "batch_cut", "cross_precision", "arguments_unchanged")
IN_ITS_DTYPE = ("forward_formulas", "floating_point_warnings", "shapes_and_dtypes")


class Least:
    """Parameters, logits, loss and gradients, as attributes, and not a name more."""

    def __init__(self, network):
        self.params, self.logits = network.params, network.logits
        self.loss, self.gradients = network.loss, network.gradients


def least(sizes, *, activation, loss, l2, dtype, rng):
    return Least(mlp(sizes, activation=activation, loss=loss, l2=l2, dtype=dtype, rng=rng))


def only(dtype, make=least):
    def make_network(sizes, **options):
        if options["dtype"] != dtype:
            msg = f"it comes in {dtype} only"
            raise NotProvidedError(msg)
        return make(sizes, **options)

    return make_network


def spoilt(attribute, spoil):
    """Return a factory whose networks have one method spoilt."""

    def make_network(sizes, **options):
        network = least(sizes, **options)
        setattr(network, attribute, spoil(getattr(network, attribute)))
        return network

    return make_network


def judged(make_network, name, setting=None):
    implementation = with_training(Implementation(name="mine", make_network=make_network))
    return run_check(CHECKS[name], implementation, setting=setting)


def test_the_least_of_a_network_passes_and_lacks_only_what_is_of_its_inputs():
    report = check_implementation(Implementation(name="least", make_network=least))
    assert report.clean, report.verdict
    own = [found for found in report.results if not found.missing]
    silent = {found.check for found in own if found.outcome is not Outcome.PASSED}
    assert silent == {"input_differences", "layer_adjoints"}


@pytest.mark.parametrize("name", IN_PART)
def test_a_check_of_more_than_inputs_judges_a_network_without_their_gradient(name):
    assert judged(least, name).outcome is Outcome.PASSED


def test_and_still_flags_what_is_wrong_with_the_rest():
    last_row_first = spoilt("logits", lambda logits: lambda X: logits(X) * [[1 + X[0, 0]]])
    assert judged(last_row_first, "row_order").outcome is Outcome.FLAGGED
    first_class = spoilt("loss", lambda loss: lambda X, y: loss(X, y) * (1 + np.ravel(y)[0]))
    assert judged(first_class, "class_names").outcome is Outcome.FLAGGED
    of_a_sum = spoilt("loss", lambda loss: lambda X, y: loss(X, y) * len(X))
    assert judged(of_a_sum, "batch_cut").outcome is Outcome.FLAGGED

    def in_place(loss):
        def value(X, y):
            X += 1
            return loss(X, y)

        return value

    assert judged(spoilt("loss", in_place), "arguments_unchanged").outcome is Outcome.FLAGGED


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", IN_ITS_DTYPE)
def test_a_network_of_one_dtype_is_judged_in_it(name, dtype):
    setting = Setting(dtype=dtype)
    assert judged(only(dtype), name, setting).outcome is Outcome.PASSED


def test_and_flagged_in_it():
    off = spoilt("logits", lambda logits: lambda X: logits(X) * 1.001)
    assert judged(only(np.float64, off), "forward_formulas").outcome is Outcome.FLAGGED
    divides = spoilt("loss", lambda loss: lambda X, y: loss(X, y) + np.divide(1, X[0] - X[0]).sum())
    flagged = judged(only(np.float64, divides), "floating_point_warnings")
    assert flagged.outcome is Outcome.FLAGGED


def test_rows_are_handed_over_as_arrays_that_run_forwards():
    def strict(logits):
        def of(X):
            assert X.flags.c_contiguous
            return logits(X)

        return of

    assert judged(spoilt("logits", strict), "row_order").outcome is Outcome.PASSED


def test_a_network_that_gives_everything_stays_itself():
    def make_network(sizes, *, activation, loss, l2, dtype, rng):
        return mlp(sizes, activation=activation, loss=loss, l2=l2, dtype=dtype, rng=rng)

    options = {"activation": ("relu",), "loss": "softmax_cross_entropy", "l2": 0.0}
    rng = np.random.default_rng(0)
    whole = made_up(make_network)((3, 4, 2), **options, dtype=np.float64, rng=rng)
    assert type(whole) is type(mlp((3, 4, 2), rng=rng))
    bare = made_up(least)((3, 4, 2), **options, dtype=np.float64, rng=rng)
    assert isinstance(bare, Bare)
    assert not hasattr(bare, "backward")
    with pytest.raises(NotProvidedError, match="input_gradient"):
        bare.input_gradient(None, None)


def test_training_is_lent_only_where_there_is_none():
    def fit(network, X, y, **options):
        return []

    own = with_training(Implementation(name="mine", make_network=nets.right, fit=fit))
    assert own.fit is fit
    assert own.lent == {"optimisers", "train_step"}
    assert with_training(nets.nothing) is nets.nothing
    assert with_training(own).lent == own.lent


def test_of_a_lent_part_alone_nothing_is_checked():
    lent = with_training(Implementation(name="mine", make_network=nets.right))
    assert CHECKS["optimiser_rules"].missing(lent) == ["optimisers"]
    assert CHECKS["step_follows_gradient"].missing(lent) == []
