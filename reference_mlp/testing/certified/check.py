"""The gradient check itself: from a network or functions to a report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from reference_mlp._arrays import Array, Params, require_count, require_fraction, require_positive
from reference_mlp.testing.certified.certificate import Certificate, certify
from reference_mlp.testing.certified.examine import Examination, examine
from reference_mlp.testing.certified.kinks import ON_KINK
from reference_mlp.testing.certified.line import kept
from reference_mlp.testing.certified.objective import Objective, SetParams, objective_of
from reference_mlp.testing.certified.preflight import blind_spots, preflight
from reference_mlp.testing.certified.report import GradientReport
from reference_mlp.testing.certified.single import in_double, rounding_faults
from reference_mlp.testing.evidence import Outcome

NUDGE = 0.01
"""How far, against the size of an array's entries, a point is moved to get off a kink."""


@dataclass(frozen=True)
class _Options:
    seed: int
    confidence: float
    directions: int
    step: float | None
    localise: bool


def check_gradients(
    subject: Any,
    *batch: Any,
    rng: np.random.Generator | int,
    confidence: float = 1 - 1e-6,
    directions: int = 4,
    step: float | None = None,
    set_params: SetParams | None = None,
    loss_oracle: Callable[[Params], Any] | None = None,
    localise: bool = True,
) -> GradientReport:
    """Hold gradients against the loss, and say how large an error could have been missed.

    `subject` is a network with `params`, `loss(X, y)` and `gradients(X, y)`, checked on the
    batch (X, y), or a triple (loss, gradients, params) of functions that are called with the
    batch, or with nothing where none is given. `params` maps names to live arrays; code that
    keeps copies of them takes the changed ones by `set_params`. They are put back bit for bit
    whatever happens.

    The loss is differentiated along `directions` Gaussian directions and one through each
    array: by complex step where the code allows, and elsewhere by central differences, with
    steps of length h |v| = `step` where one is given. The tolerance follows from the measured
    noise of the loss. What can't be told apart from noise or a kink is reported as inconclusive,
    never as wrong. `loss_oracle` is an independent loss of the parameters, which is
    differentiated in place of the subject's own: it shows a wrong forward pass that has a
    gradient to match. Faults are looked for down to their entries if `localise`.

    Raises ValueError or TypeError for parameters, a loss, gradients or arguments that can't be
    checked, and ControlFailedError if the check can't see an error of 10 tolerances put in.

    >>> W = np.array([1.0, 2.0, 3.0])
    >>> def loss(): return (W**2).sum()
    >>> def gradients(): return {"W": np.array([2.0, 4.0, 3.0])}
    >>> report = check_gradients((loss, gradients, {"W": W}), rng=7)
    >>> report.where
    'W[2]'
    """
    options = _Options(
        seed=_seed(rng),
        confidence=_require_confidence(confidence),
        directions=require_count("directions", directions),
        step=None if step is None else _require_step(step),
        localise=localise,
    )
    objective = objective_of(subject, batch, set_params=set_params, loss_oracle=loss_oracle)
    own = None if loss_oracle is None else objective_of(subject, batch, set_params=set_params)
    with kept(objective) as base:
        if reasons := _loss_differs(objective, own):
            return _report(objective, options, Outcome.FLAGGED, reasons=reasons)
        if objective.dtype == np.float32 and loss_oracle is None:
            with in_double(objective, base, subject, batch, set_params) as wide:
                if wide is not None:
                    return _check_both(objective, wide, options)
        return _check(objective, base, options)


def _check_both(objective: Objective, wide: Objective, options: _Options) -> GradientReport:
    """Check the formulas in float64, then the float32 gradients against the float64 ones."""
    # The float64 arrays stand in the dict of parameters here; `wide` moves them.
    with kept(wide) as base:
        report = _check(wide, base, options)
    if report.outcome is Outcome.FLAGGED:
        return report
    return rounding_faults(objective, wide, report, rng=np.random.default_rng(options.seed))


def _check(objective: Objective, base: Params, options: _Options) -> GradientReport:
    before = preflight(objective)
    counts = {"preflight": objective.calls}
    if before.faults or before.undecided:
        outcome = Outcome.FLAGGED if before.faults else Outcome.INCONCLUSIVE
        reasons = [*before.faults, *before.undecided]
        return _report(objective, options, outcome, reasons=reasons, evaluations=counts)
    found = _examine(objective, base, before.grads, before.loss, options)
    remarks = [f"{r.of}: {r.remark}" for r in found.readings if r.remark]
    # Between one-sided slopes a wrong gradient has room, too: the code is judged off the kink.
    kinked = any(r.remark.startswith(ON_KINK) for r in found.readings)
    if (kinked or found.having(Outcome.INCONCLUSIVE)) and not found.having(Outcome.FLAGGED):
        remarks.append("checked at a point nearby, off the kink that the given one lies on")
        counts["kinks"] = sum(found.evaluations.values())
        found = _examine_nearby(objective, base, options)
    certificate = certify(found.whole, found.grads, confidence=options.confidence)
    outcome, reasons = _verdict(found, certificate)
    report = _report(
        objective,
        options,
        outcome,
        reasons=reasons,
        readings=tuple(found.readings),
        certificate=certificate,
        remarks=tuple(remarks),
        blind_spots=tuple(blind_spots(objective)),
        noise=found.meter.sigma,
        evaluations=counts | found.evaluations,
    )
    if outcome is Outcome.FLAGGED and options.localise:
        from reference_mlp.testing.certified.diagnosis import diagnose

        return diagnose(report, objective, found)
    return report


def _examine(
    objective: Objective, base: Params, grads: Params, loss: float, options: _Options
) -> Examination:
    return examine(
        objective,
        base,
        grads,
        loss,
        seed=options.seed,
        directions=options.directions,
        step=options.step,
    )


def _examine_nearby(objective: Objective, base: Params, options: _Options) -> Examination:
    rng = np.random.default_rng([options.seed, 1 << 20])
    nearby = {
        name: (p + _size(p) * NUDGE * rng.normal(size=p.shape)).astype(p.dtype)
        for name, p in base.items()
    }
    for name, p in objective.params.items():
        p[...] = nearby[name]
    objective.moved()
    grads = objective.gradients()
    return _examine(objective, nearby, grads, float(objective.loss()), options)


def _size(p: Array) -> float:
    return float(np.sqrt(np.mean(np.square(p, dtype=float)))) or 1.0


def _verdict(found: Examination, certificate: Certificate) -> tuple[Outcome, list[str]]:
    if flagged := found.having(Outcome.FLAGGED):
        still = all(abs(r.slope.numeric) <= 1e-9 * abs(r.slope.analytic) for r in flagged)
        hint = "the loss does not move with the parameters: if the code keeps copies, set_params"
        return Outcome.FLAGGED, [hint] if still else []
    if unsure := found.having(Outcome.INCONCLUSIVE):
        return Outcome.INCONCLUSIVE, sorted({f"{r.of}: {r.remark}" for r in unsure})
    if certificate.gradient_norm == 0:
        return Outcome.INCONCLUSIVE, ["every gradient is exactly zero: nothing was compared"]
    if not certificate.relative < 1:
        text = (
            f"an error as large as the gradient itself, of norm {certificate.gradient_norm:.1g}, "
            "would be missed: the loss is too noisy here"
        )
        return Outcome.INCONCLUSIVE, [text]
    return Outcome.PASSED, []


def _loss_differs(objective: Objective, own: Objective | None) -> list[str]:
    """Say so where the subject's loss is another than that of the independent oracle."""
    if own is None:
        return []
    right, theirs = float(objective.loss()), float(own.loss())
    # Two sound formulas of one loss part by a few roundings of their intermediate results.
    if abs(right - theirs) <= 1e3 * float(np.finfo(objective.dtype).eps) * max(abs(right), 1.0):
        return []
    return [f"the loss is {theirs:.10g}, and {right:.10g} by the independent one"]


def _report(
    objective: Objective, options: _Options, outcome: Outcome, *, reasons: list[str], **found: Any
) -> GradientReport:
    return GradientReport(
        outcome=outcome,
        seed=options.seed,
        dtype=str(objective.dtype),
        size=objective.size,
        reasons=tuple(reasons),
        **found,
    )


def _seed(rng: np.random.Generator | int) -> int:
    if isinstance(rng, np.random.Generator):
        return int(rng.integers(2**32))
    return require_count("rng", rng, least=0)


def _require_confidence(confidence: float) -> float:
    if require_fraction("confidence", confidence) == 0:
        msg = f"confidence is {confidence}, expected 0 < confidence < 1"
        raise ValueError(msg)
    return confidence


def _require_step(step: float) -> float:
    if not require_positive("step", step) < 1:
        msg = f"step is {step}, expected 0 < step < 1"
        raise ValueError(msg)
    return step
