"""Early stopping: when to stop training, and the parameters to go back to."""

from __future__ import annotations

import math

import numpy as np

from reference_mlp._arrays import Params, require_count


class EarlyStopping:
    """Stops after `patience` epochs without a new lowest loss, and keeps the best parameters.

    Prechelt 1998 calls the rule UP with strips of one epoch. It remembers all that it was ever
    told, so another training needs another one. Raises ValueError unless `patience` is a whole
    number of at least 1.

    >>> params = {"0.b": np.array([1.0])}
    >>> stopping = EarlyStopping(patience=2)
    >>> stopping.update(0.5, params)
    False
    >>> params["0.b"] += 1
    >>> [stopping.update(loss, params) for loss in (0.7, 0.6)]
    [False, True]
    >>> stopping.restore(params)
    >>> params
    {'0.b': array([1.])}
    """

    def __init__(self, patience: int) -> None:
        self.patience = require_count("patience", patience)
        self.lowest = math.inf
        self.epochs_since = 0
        self._best: Params = {}

    def update(self, loss: float, params: Params) -> bool:
        """Take the loss of an epoch and the parameters that had it; return True when to stop.

        A loss equal to the lowest isn't a new lowest. Raises FloatingPointError for NaN, which
        can't be told from better or worse.
        """
        if np.isnan(loss):
            msg = f"loss is {loss}, expected a number to compare with the lowest, {self.lowest}"
            raise FloatingPointError(msg)
        if loss < self.lowest or not self._best:
            self.lowest = float(loss)
            self.epochs_since = 0
            # Copies: the optimiser goes on to write into these very arrays.
            self._best = {name: p.copy() for name, p in params.items()}
        else:
            self.epochs_since += 1
        return self.epochs_since >= self.patience

    def restore(self, params: Params) -> None:
        """Write the parameters of the lowest loss into the arrays of `params`.

        Raises ValueError before the first update and for parameters of other names or shapes,
        with none of them written.
        """
        if not self._best:
            msg = "there are no parameters to restore, expected a call of update first"
            raise ValueError(msg)
        given = {name: p.shape for name, p in params.items()}
        kept = {name: p.shape for name, p in self._best.items()}
        if given != kept:
            msg = f"params has shapes {given}, expected {kept} as before"
            raise ValueError(msg)
        for name, best in self._best.items():
            params[name][...] = best
