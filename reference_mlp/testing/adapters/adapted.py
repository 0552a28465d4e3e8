"""A network made of somebody's functions, as the checks want to see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from reference_mlp._arrays import Array, Params
from reference_mlp.testing.adapters.forms import form_of
from reference_mlp.testing.adapters.gradients import (
    RATE,
    TINY,
    at_no_rate,
    collected,
    proportional,
    quotients,
)
from reference_mlp.testing.adapters.nests import AdapterError, Arrays, named, write
from reference_mlp.testing.adapters.scales import Sizes, scale_of
from reference_mlp.testing.adapters.values import value_by_name
from reference_mlp.testing.global_generators import seeded
from reference_mlp.testing.implementation import NotProvidedError
from reference_mlp.testing.problems import Problem


@dataclass(frozen=True, kw_only=True)
class Code:
    """What somebody's code gives, each None where it gives no such thing; see `adapt`."""

    logits: Callable[[Any], Any] | None = None
    probabilities: Callable[[Any], Any] | None = None
    loss: Callable[[Any, Any], Any] | str | None = None
    gradients: Callable[[Any, Any], Any] | None = None
    step: Callable[[Any, Any, float], Any] | None = None
    input_gradient: Callable[[Any, Any], Any] | None = None
    set_arrays: Callable[[list[Array]], Any] | None = None


class Adapted:
    """A network made of functions, its parameters held here and handed over before each call.

    See `adapt`, which makes one.
    """

    def __init__(
        self,
        problem: Problem,
        arrays: Arrays | Callable[[], Arrays],
        code: Code,
        *,
        samples: str,
        scale: str | float,
        rate: float | None,
        seed: int = 0,
    ) -> None:
        self.problem, self.code, self.rate = problem, code, rate
        self._arrays, self._form, self._scale = arrays, form_of(samples), scale
        self._seed = seed
        self._proportional: bool | None = None if rate is None else True
        self.params: Params = {n: np.array(a, ndmin=1) for n, a in self._live().items()}
        self._check()

    def _check(self) -> None:
        """Raise ValueError or TypeError for what is no network."""
        scale_of(self._scale, Sizes(2, 3, 4))
        if isinstance(self.code.loss, str):
            value_by_name(self.code.loss)
        if self.problem.l2 and not callable(self.code.loss):
            msg = f"the problem has an l2 of {self.problem.l2}: give the loss that has this penalty"
            raise AdapterError(msg)
        if not self.params:
            msg = "there are no parameters: `arrays` returned none, expected a dict or list of them"
            raise AdapterError(msg)
        for name, p in self.params.items():
            if p.dtype.kind != "f":
                msg = f"parameter {name} has dtype {p.dtype}, expected floating numbers"
                raise TypeError(msg)

    @property
    def trainable(self) -> tuple[str, ...]:
        """The names of all parameters."""
        return tuple(self.params)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the parameters."""
        return next(iter(self.params.values())).dtype

    @property
    def single(self) -> bool:
        """Whether the code takes one sample at a time."""
        return self._form.single

    @property
    def recovers_logits(self) -> bool:
        """Whether the logits are made of probabilities: to a constant, and with their rounding."""
        return self.code.logits is None

    @property
    def recovers_loss(self) -> bool:
        """Whether the loss is ours, of logits that are made of probabilities."""
        return self.recovers_logits and not callable(self.code.loss)

    @property
    def blur(self) -> float:
        """How much the rounding of a parameter counts in gradients recovered at a fixed rate."""
        if self.code.gradients is not None or self.rate is None:
            return 0.0
        return max(float(np.abs(p).max(initial=0)) for p in self.params.values()) / abs(self.rate)

    def widen(self) -> None:
        """Put parameters of float64 in place of those there are, where the code lets itself.

        Raises NotProvidedError where they can't be put there.
        """
        narrow = self.dtype
        self.params = {name: p.astype(np.float64) for name, p in self.params.items()}
        try:
            self._hand_over(widen=True)
            followed = all(a.dtype == np.float64 for a in self._live().values())
        except AdapterError:
            followed = False
        if not followed:
            msg = f"it comes in {narrow} only"
            raise NotProvidedError(msg)

    def logits(self, X: Array) -> Array:
        """Return the logits (N, K), made of the probabilities where there are only those."""
        if self.code.logits is not None:
            return self._outputs(self.code.logits, X)
        if self.code.probabilities is None:
            msg = "it gives no `logits` and no `probabilities`"
            raise NotProvidedError(msg)
        p = self._outputs(self.code.probabilities, X)
        with np.errstate(divide="ignore", invalid="ignore"):
            # Logits are free up to a constant a row, and these have the same softmax. A sigmoid has
            # an inverse, and where outputs are held against reals they are the outputs themselves.
            if self.problem.loss == "squared_error":
                return p
            odds = self.problem.loss == "sigmoid_binary_cross_entropy"
            return np.log(p) - np.log1p(-p) if odds else np.log(p)

    def loss(self, X: Array, y: Array) -> Any:
        """Return the author's loss, or the one that is named where there is none."""
        own = self.code.loss
        if own is None or isinstance(own, str):
            z = self.logits(X).astype(np.float64)
            return value_by_name(own or self.problem.loss)(z, y)
        values = [np.asarray(self._call(own, *pair)) for pair in self._form.batches(X, y)]
        return np.mean([np.sum(v) for v in values]) if self.single else _number(values[0])

    def gradients(self, X: Array, y: Array) -> Params:
        """Return dL/dparams, recovered from a step where that is all there is."""
        if self.code.gradients is None and self.code.step is None:
            msg = "it gives no `gradients` and no `step`"
            raise NotProvidedError(msg)
        found = [self._gradients_once(*pair) for pair in self._form.batches(X, y)]
        mean = found[0]
        if self.single:
            mean = {name: np.mean([g[name] for g in found], axis=0) for name in self.params}
        scale = self._scale_of(X)
        return mean if scale == 1 else {name: g / scale for name, g in mean.items()}

    def loss_and_gradients(self, X: Array, y: Array) -> tuple[Any, Params]:
        """Return both."""
        return self.loss(X, y), self.gradients(X, y)

    def input_gradient(self, X: Array, y: Array) -> Array:
        """Return dL/dX."""
        if self.code.input_gradient is None:
            msg = "it gives no `input_gradient`"
            raise NotProvidedError(msg)
        pairs = self._form.batches(X, y)
        found = [self._call(self.code.input_gradient, *pair) for pair in pairs]
        scale = self._scale_of(X) * (len(X) if self.single else 1)
        dX = self._form.outputs(found)
        return dX if scale == 1 else dX / scale

    def after_step(self, X: Array, y: Array, learning_rate: float) -> Params:
        """Return the parameters as the author's own step leaves them; ours stay as they are.

        A step of the first sample where the code takes one at a time.
        """
        return self._after(*next(iter(self._form.batches(X, y))), learning_rate)

    def _after(self, x: Any, target: Any, rate: float) -> Params:
        if self.code.step is None:
            msg = "it gives no `step`"
            raise NotProvidedError(msg)
        self._call(self.code.step, x, target, rate)
        return {name: np.array(a, ndmin=1) for name, a in self._live().items()}

    def _gradients_once(self, x: Any, target: Any) -> Params:
        if self.code.gradients is not None:
            found = collected(self._call(self.code.gradients, x, target), self.params)
            return {name: _shaped(g, self.params[name]) for name, g in found.items()}

        def quotient(rate: float) -> Params:
            return quotients(self.params, self._after(x, target, rate), rate)

        if self.rate is not None:
            return quotient(self.rate)
        large = quotient(RATE)
        if self._proportional is None:
            self._proportional = proportional(large, quotient(TINY), self.params)
        return large if self._proportional else at_no_rate(quotient, self.params)

    def _outputs(self, function: Callable[[Any], Any], X: Array) -> Array:
        return self._form.outputs([self._call(function, x) for x in self._form.inputs(X)])

    def _scale_of(self, X: Array) -> float:
        sizes = self.problem.sizes
        return scale_of(self._scale, Sizes(1 if self.single else len(X), sizes[0], sizes[-1]))

    def _live(self) -> Params:
        return named(self._nest())

    def _nest(self) -> Any:
        return self._arrays() if callable(self._arrays) else self._arrays

    def _hand_over(self, *, widen: bool = False) -> None:
        """Give the author's code our parameters, and none that it could change."""
        if self.code.set_arrays is None:
            write(self._nest(), self.params.values(), widen=widen)
        else:
            self.code.set_arrays([p.copy() for p in self.params.values()])

    def _call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call the author's code with our parameters, and the same random numbers at each call."""
        self._hand_over()
        with seeded(self._seed):
            return function(*arguments)


def _shaped(g: Array, p: Array) -> Array:
    """Return a gradient with a dimension at least; one of a single number in the shape of `p`."""
    if g.size == p.size == 1:  # a step broadcasts it
        return g.reshape(p.shape)
    return g if g.ndim else g.reshape(1)


def _number(value: Array) -> Any:
    """Return what a loss is, a scalar also where it comes as an array of one."""
    return value.reshape(())[()] if value.size == 1 else value
