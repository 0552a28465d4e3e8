"""The reference as a record of parts, and the same with a part replaced."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

import reference_mlp as r
from reference_mlp.testing.implementation import Implementation

REFERENCE_PARTS: Mapping[str, Any] = MappingProxyType(
    {
        "softmax": r.softmax,
        "softmax_cross_entropy": r.SoftmaxCrossEntropy,
        "sigmoid_binary_cross_entropy": r.SigmoidBinaryCrossEntropy,
        "squared_error": r.SquaredError,
        "penalty": r.L2Penalty,
        "linear": r.Linear,
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
        "train_step": r.train_step,
        "fit": r.fit,
        "accuracy": r.accuracy,
        "evaluate": r.evaluate,
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
    return Implementation(
        name=name,
        make_network=partial(
            part["mlp"],
            linear=linear,
            activations=activations,
            losses=losses,
            initialisers=initialisers,
            penalty=part["penalty"],
            network=part["network"],
        ),
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
        train_step=part["train_step"],
        fit=partial(
            part["fit"],
            minibatches=part["minibatches"],
            train_step=part["train_step"],
            evaluate=part["evaluate"],
        ),
        accuracy=part["accuracy"],
        evaluate=part["evaluate"],
    )
