"""A replaced part is the one that is used, wherever it is used."""

from __future__ import annotations

import numpy as np
import pytest

from reference_mlp import (
    SGD,
    BatchNorm,
    Dropout,
    EarlyStopping,
    Epoch,
    clip_norm,
    mlp,
    scale_pixels,
)
from reference_mlp.testing import REFERENCE_PARTS, assemble
from reference_mlp.testing.implementation import same_part

OWN_FIELDS = ["softmax", "linear", "penalty", "one_hot", "minibatches", "split", "standardise"]
OWN_FIELDS += ["scale_pixels", "dropout", "batch_norm", "clip_norm", "early_stopping"]
OWN_FIELDS += ["train_step", "accuracy", "evaluate"]


@pytest.mark.parametrize("name", OWN_FIELDS)
def test_a_field_holds_the_part_that_replaces_it(name):
    def other(*_):
        raise AssertionError

    if name == "clip_norm":
        assert assemble(clip_norm=other).clip_norm is other
    elif name == "train_step":
        assert assemble(train_step=other).train_step is other
    else:
        assert getattr(assemble(**{name: other}), name) is other


def test_the_parts_of_the_reference_are_the_public_ones():
    wanted = {
        "dropout": Dropout,
        "batch_norm": BatchNorm,
        "clip_norm": clip_norm,
        "early_stopping": EarlyStopping,
        "scale_pixels": scale_pixels,
    }
    for name, part in wanted.items():
        assert REFERENCE_PARTS[name] is part
        assert getattr(assemble(), name) is part


def network(make_network, **options):
    return make_network((3, 4, 4, 4, 2), rng=np.random.default_rng(0), **options)


def test_a_replaced_dropout_is_the_one_in_networks():
    class Other(Dropout):
        pass

    net = network(assemble(dropout=Other).make_network, dropout=0.5)
    assert [type(layer) for layer in net.layers].count(Other) == 3


@pytest.mark.parametrize("train", ["train_step", "fit"])
def test_a_replaced_clipping_is_the_one_in_training(train):
    seen = []

    def other(grads, max_norm):
        seen.append(max_norm)
        return clip_norm(grads, max_norm)

    parts = assemble(clip_norm=other)
    net = network(parts.make_network)
    X, y = np.ones((6, 3)), np.zeros(6, int)
    if train == "train_step":
        parts.train_step(net, SGD(0.1), X, y, max_norm=0.25)
    else:
        parts.fit(
            net, X, y, optimiser=SGD(0.1), epochs=1, rng=np.random.default_rng(0), max_norm=0.25
        )
    assert seen == [0.25]


def test_a_tied_network_is_the_factorys_own_with_shared_layers():
    class Other(REFERENCE_PARTS["linear"]):
        pass

    net = network(assemble(linear=Other).make_tied_network)
    assert list(net.params) == ["0.W", "0.b", "2.W", "2.b", "6.W", "6.b"]
    assert isinstance(net.layers[0], Other)


def test_a_factory_that_knows_nothing_of_ties_or_dropout_is_still_a_factory():
    def plain(
        sizes, *, rng, linear, activations, losses, initialisers, penalty, network, **options
    ):
        return mlp(sizes, rng=rng)

    def strict(sizes, *, rng, linear, activations, losses, initialisers, penalty, network):
        return mlp(sizes, rng=rng)

    assert assemble(mlp=plain).make_tied_network is not None
    assert assemble(mlp=strict).make_tied_network is None
    assert list(network(assemble(mlp=strict).make_network).params)[:2] == ["0.W", "0.b"]


def test_a_step_of_four_arguments_trains_what_has_no_dropout():
    def step(network, optimiser, X, y):
        return 1.0

    parts = assemble(train_step=step)
    net = network(parts.make_network)
    X, y = np.ones((6, 3)), np.zeros(6, int)
    history = parts.fit(net, X, y, optimiser=SGD(0.1), epochs=1, rng=np.random.default_rng(0))
    assert history[0].loss == 1.0


def test_a_replaced_epoch_is_the_one_in_training():
    def epoch(*_, history, **options):
        return Epoch(10 + len(history), 1.0, 0.0)

    parts = assemble(train_epoch=epoch)
    X, y = np.ones((6, 3)), np.zeros(6, int)
    net, rng = network(parts.make_network), np.random.default_rng(0)
    history = parts.fit(net, X, y, optimiser=SGD(0.1), epochs=2, rng=rng)
    assert [entry.number for entry in history] == [10, 11]
    assert not same_part(parts.fit, assemble().fit)


def test_a_training_that_knows_nothing_of_epochs_is_still_one():
    def fit(network, X, y, *, minibatches, train_step, evaluate):
        return []

    assert assemble(fit=fit).fit(None, None, None) == []


def test_unknown_parts_are_refused():
    with pytest.raises(TypeError, match=r"unknown parts \['dorpout'\], expected some of"):
        assemble(dorpout=Dropout)
