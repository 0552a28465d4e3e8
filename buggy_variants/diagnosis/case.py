"""What is to be explained: the answers given, the right ones, and where the two differ."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from buggy_variants.catalog import Entry
from buggy_variants.diagnosis.compare import Fit, Sheet, alike, differences, fit_of, tolerance_of
from buggy_variants.diagnosis.suspects import OF_NETWORKS, Ids, entries, sheet, touched
from reference_mlp.testing.probes import Observation


class Case:
    """An observation, the right answers to the same questions, and how far bugs account for it."""

    def __init__(self, observation: Observation) -> None:
        self.observation = observation
        self.tolerance = tolerance_of(observation.setting.dtype)
        self.given = {name: Sheet(answers) for name, answers in observation.answers.items()}
        self.right = {name: sheet((), name, observation) for name in self.given}
        self.wrong = differences(self.given, self.right, tolerance=self.tolerance)

    @property
    def wrong_keys(self) -> int:
        """How many answers aren't the right ones."""
        return sum(len(keys) for keys in self.wrong.values())

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The entries that touch a probe in which something is wrong."""
        return tuple(
            entry
            for entry in entries(self.observation)
            if any(self.wrong[name] for name in touched((entry.id,), self.observation))
        )

    def fit(self, ids: Ids) -> Fit:
        """Return how far the bugs `ids`, in one implementation, account for the answers."""
        probes = touched(ids, self.observation)
        sheets = {name: sheet(ids, name, self.observation) for name in probes}
        return fit_of(self.given, self.right, sheets, self.wrong, tolerance=self.tolerance)

    def share(self, fit: Fit) -> float:
        """Return the part of the evidence that speaks for what has `fit`, where it explains some.

        Networks are one matter, and each part that is asked by itself is another: a wrong encoding
        of labels is known by its own answers, whatever else is wrong with the network.
        """
        matters = {_matter(probe) for probe, _ in fit.keys}
        wrong = sum(len(keys) for name, keys in self.wrong.items() if _matter(name) in matters)
        return fit.explained / max(1, wrong, fit.explained + fit.contradicted)

    def is_all(self, ids: Ids) -> bool:
        """Say whether the bugs `ids` give every answer; seen early where they don't."""
        return self._gives(ids, self.given, touched(ids, self.observation), self.wrong)

    def is_right(self, ids: Ids) -> bool:
        """Say whether an implementation with the bugs `ids` answers rightly."""
        return self._gives(ids, self.right, touched(ids, self.observation), {})

    def _gives(
        self,
        ids: Ids,
        answers: dict[str, Sheet],
        probes: list[str],
        wrong: dict[str, frozenset[str]],
    ) -> bool:
        if any(keys for name, keys in wrong.items() if name not in probes):
            return False
        # What tells most for its time comes first.
        order = {name: i for i, name in enumerate(OF_NETWORKS)}
        return all(
            alike(key, answers[name], theirs, tolerance=self.tolerance)
            for name in sorted(probes, key=lambda name: order.get(name, -1))
            for theirs in (sheet(ids, name, self.observation),)
            for key in self.given[name].answers
        )

    def glance(self) -> Case:
        """Return the case with the few answers that tell most for their time, or this one."""
        given = self.observation.answers
        gradients = any("gradients" in key for key in given.get("networks", {}))
        names = OF_NETWORKS[:1] if gradients else OF_NETWORKS[:2]
        only = {name: answers for name, answers in given.items() if name in names}
        if not any(self.wrong[name] for name in only):
            return self
        return Case(replace(self.observation, answers=only))

    def on_one_problem(self, fit: Fit) -> Case:
        """Return the case of the problem with most answers that `fit` doesn't explain."""
        observation, explained = self.observation, set(fit.keys)
        problems = observation.problems
        left = [
            key
            for name in OF_NETWORKS
            for key in self.wrong.get(name, ())
            if (name, key) not in explained
        ]
        counts = [sum(key.startswith(f"{p.name}, ") for key in left) for p in problems]
        if len(problems) == 1 or not max(counts):
            return self
        chosen = problems[counts.index(max(counts))]
        answers = {
            name: {k: a for k, a in observation.answers[name].items() if _of(chosen.name, k)}
            for name in OF_NETWORKS
            if name in observation.answers
        }
        return Case(replace(observation, problems=(chosen,), answers=answers))


def _matter(probe: str) -> str:
    return "networks" if probe in OF_NETWORKS else probe


def _of(problem: str, key: str) -> bool:
    return key.startswith(f"{problem}, ")
