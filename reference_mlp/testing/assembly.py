"""The reference as a record of parts, and the same with a part replaced."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Any

import reference_mlp as r
from reference_mlp.testing.bare import made_up
from reference_mlp.testing.gradient_checker import gradients_are_right
from reference_mlp.testing.implementation import Implementation

REFERENCE_PARTS: Mapping[str, Any] = MappingProxyType(
    {
        "softmax": r.softmax,
        "softmax_cross_entropy": r.SoftmaxCrossEntropy,
        "sigmoid_binary_cross_entropy": r.SigmoidBinaryCrossEntropy,
        "squared_error": r.SquaredError,
        "penalty": r.L2Penalty,
        "linear": r.Linear,
        "dropout": r.Dropout,
        "batch_norm": r.BatchNorm,
        **r.ACTIVATIONS,
        **r.INITIALISERS,
        "network": r.Network,
        "mlp": r.mlp,
        "sgd": r.SGD,
        "momentum": r.Momentum,
        "nesterov": r.Nesterov,
        "adam": r.Adam,
        "one_hot": r.one_hot,
        "minibatches": r.minibatches,
        "split": r.split,
        "standardise": r.standardise,
        "scale_pixels": r.scale_pixels,
        "clip_norm": r.clip_norm,
        "early_stopping": r.EarlyStopping,
        "train_step": r.train_step,
        "train_epoch": r.train_epoch,
        "fit": r.fit,
        "accuracy": r.accuracy,
        "evaluate": r.evaluate,
        "gradient_checker": gradients_are_right,
    }
)
"""Every part by the name under which `assemble` replaces it: a class or a function."""


def assemble(name: str = "reference", /, **replaced: Any) -> Implementation:
    """Return the reference with the parts in `replaced`, wired wherever they are used.

    A replaced softmax, say, is also the one in the gradient of the cross-entropy, and a
    replaced `minibatches` the one that `fit` trains by. Raises TypeError for an unknown part.

    >>> assemble("loud", accuracy=lambda scores, y: 1.0).accuracy(None, None)
    1.0
    """
    if unknown := set(replaced) - set(REFERENCE_PARTS):
        msg = f"unknown parts {sorted(unknown)}, expected some of {sorted(REFERENCE_PARTS)}"
        raise TypeError(msg)
    part = {**REFERENCE_PARTS, **replaced}
    linear = part["linear"]
    activations = {key: part[key] for key in r.ACTIVATIONS}
    initialisers = {key: part[key] for key in r.INITIALISERS}
    losses = {
        "softmax_cross_entropy": part["softmax_cross_entropy"](part["softmax"]),
        "sigmoid_binary_cross_entropy": part["sigmoid_binary_cross_entropy"](),
        "squared_error": part["squared_error"](),
    }
    make_network = partial(
        part["mlp"],
        linear=linear,
        activations=activations,
        losses=losses,
        initialisers=initialisers,
        penalty=part["penalty"],
        network=part["network"],
    )
    train_step = part["train_step"]
    # Only where they are replaced: another mlp, train_step or fit may know nothing of them.
    if "dropout" in replaced:
        make_network = partial(make_network, dropout_layer=part["dropout"])
    if "clip_norm" in replaced:
        train_step = partial(train_step, clip_norm=part["clip_norm"])
    fit = partial(
        part["fit"],
        minibatches=part["minibatches"],
        train_step=train_step,
        evaluate=part["evaluate"],
    )
    if "train_epoch" in replaced:
        fit = partial(fit, train_epoch=part["train_epoch"])
    return Implementation(
        name=name,
        make_network=make_network,
        make_tied_network=partial(make_network, tied=True)
        if _takes(make_network, "tied")
        else None,
        softmax=part["softmax"],
        linear=linear,
        activations=activations,
        losses=losses,
        initialisers=initialisers,
        penalty=part["penalty"],
        optimisers={key: part[key] for key in ("sgd", "momentum", "nesterov", "adam")},
        one_hot=part["one_hot"],
        minibatches=part["minibatches"],
        split=part["split"],
        standardise=part["standardise"],
        scale_pixels=part["scale_pixels"],
        dropout=part["dropout"],
        batch_norm=part["batch_norm"],
        clip_norm=part["clip_norm"],
        early_stopping=part["early_stopping"],
        train_step=train_step,
        fit=fit,
        accuracy=part["accuracy"],
        evaluate=part["evaluate"],
        gradient_checker=part["gradient_checker"],
    )


def with_training(implementation: Implementation) -> Implementation:
    """Return `implementation`, its network trained by the reference where it has no training.

    A network that gives less than the checks ask of one is made up to that, as in `bare`.

    >>> sorted(with_training(Implementation(name="mine", make_network=r.mlp)).lent)
    ['fit', 'optimisers', 'train_step']
    """
    if implementation.make_network is None:
        return implementation
    ours = assemble()
    training = ("optimisers", "train_step", "fit")
    lent = {p: getattr(ours, p) for p in training if getattr(implementation, p) is None}
    network = made_up(implementation.make_network)
    return replace(
        implementation, make_network=network, **lent, lent=implementation.lent | set(lent)
    )


def _takes(function: Callable[..., Any], name: str) -> bool:
    """Say whether `function` can be called with the keyword `name`."""
    parameters = inspect.signature(function).parameters.values()
    return any(p.name == name or p.kind is p.VAR_KEYWORD for p in parameters)
