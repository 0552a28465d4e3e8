"""How torch's optimisers moved under given gradients, recorded so that nobody needs torch.

`python -m reference_mlp.testing.record_trajectories` writes them again, in float64, with the
torch that is installed; they were last written by torch 2.13.0.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from reference_mlp._arrays import Array
from reference_mlp.testing.update_rules import FAMILIES, Family, distances

TRAJECTORIES = Path(__file__).with_name("torch_trajectories.json")


@dataclass(frozen=True)
class Recorded:
    """Where torch's optimiser was after each step: start (P,), gradients and places (T, P)."""

    family: Family
    start: Array
    gradients: Array
    places: Array

    @property
    def sizes(self) -> Array:
        """The lengths (T, P) against which the rounding of a place is held."""
        rule = self.family.readings()[0]
        travelled = [distances(rule, column) for column in self.gradients.T.tolist()]
        sizes: Array = np.abs(self.start) + np.array(travelled).T
        return sizes


@cache
def recorded_trajectories() -> Mapping[str, Recorded]:
    """Return torch's trajectories by the name of the optimiser.

    >>> recorded_trajectories()["adam"].places.shape
    (12, 3)
    """
    content = json.loads(TRAJECTORIES.read_text(encoding="utf-8"))
    start, gradients = np.array(content["start"]), np.array(content["gradients"])
    return {
        name: Recorded(_family(name), start, gradients, np.array(places))
        for name, places in content["places"].items()
    }


def _family(name: str) -> Family:
    """Return the family with an epsilon so small that it doesn't matter where it is added.

    Which the paper leaves open, as do the rules; torch adds it in one of the two places.
    """
    family = FAMILIES[name]
    if "epsilon" not in family.settings:
        return family
    return replace(family, settings={**family.settings, "epsilon": 1e-30})


def main() -> None:
    """Run torch's optimisers over gradients of sizes from 1e-3 to 1e3, and write their places."""
    # Here, not above: a peer, which only this command needs.
    import torch

    rng = np.random.default_rng(0)
    start = rng.normal(size=3)
    gradients = rng.normal(size=(12, 3)) * [1e-3, 1.0, 1e3]
    makers: dict[str, Any] = {
        "sgd": lambda f, p: torch.optim.SGD(p, f.learning_rate),
        "momentum": lambda f, p: torch.optim.SGD(p, f.learning_rate, **f.settings),
        "nesterov": lambda f, p: torch.optim.SGD(p, f.learning_rate, nesterov=True, **f.settings),
        "adam": lambda f, p: torch.optim.Adam(
            p,
            f.learning_rate,
            betas=(f.settings["beta1"], f.settings["beta2"]),
            eps=f.settings["epsilon"],
        ),
    }
    places: dict[str, list[list[float]]] = {}
    for name, make in makers.items():
        p = torch.tensor(start, requires_grad=True)
        optimiser = make(_family(name), [p])
        places[name] = []
        for g in gradients:
            p.grad = torch.tensor(g)
            optimiser.step()
            places[name].append(p.detach().tolist())
    content = {
        "torch": torch.__version__,
        "start": start.tolist(),
        "gradients": gradients.tolist(),
        "places": places,
    }
    TRAJECTORIES.write_text(json.dumps(content, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
