"""What is to be explained: the answers given, the right ones, and where the two differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby

from buggy_variants.diagnosis.compare import (
    Fit,
    Sheet,
    alike,
    differences,
    fit_of,
    tolerance_of,
)
from buggy_variants.diagnosis.suspects import (
    OF_NETWORKS,
    Suspect,
    Suspects,
    entries,
    matter,
    sheet,
    touched,
    written,
)
from reference_mlp.testing.probes import Answer, Observation


class Case:
    """An observation, the right answers to the same questions, and how far bugs account for it."""

    def __init__(self, observation: Observation) -> None:
        self.observation = observation
        self.tolerance = tolerance_of(observation.setting.dtype)
        self.given = {name: Sheet(_told(found)) for name, found in observation.answers.items()}
        self.right = {name: sheet((), name, observation) for name in self.given}
        self.wrong = differences(self.given, self.right, tolerance=self.tolerance)

    @property
    def wrong_keys(self) -> int:
        """How many answers aren't the right ones."""
        return sum(len(keys) for keys in self.wrong.values())

    def entries(self) -> Suspects:
        """The entries that touch a probe in which something is wrong."""
        own = (Suspect(entry.id) for entry in entries(self.observation))
        return tuple(
            suspect
            for suspect in own
            if any(self.wrong[name] for name in touched((suspect,), self.observation))
        )

    def forms(self) -> Suspects:
        """The other forms of entries, of those that explain something where the entry shows."""
        return tuple(
            suspect
            for family, name in self.families()
            for suspect in family
            if suspect.says and self._explains(suspect, name)
        )

    def families(self) -> Iterator[tuple[Suspects, str]]:
        """Yield forms of one part, with its entry if it is of that, and the probe they show in."""
        for entry in entries(self.observation):
            if not entry.bug.also:
                continue
            for _, group in groupby(written(entry), key=lambda s: s.replaces.keys()):
                family = tuple(group)
                if (name := self.shows_in(family[0])) is not None:
                    yield family, name

    def shows_in(self, suspect: Suspect) -> str | None:
        """Return the first probe in which `suspect` is wrong where what is given is wrong too."""
        for name in _in_order(touched((suspect,), self.observation)):
            theirs = sheet((suspect,), name, self.observation)
            # By question: where one raises, another gives an array for each parameter.
            questions = {key.partition("/")[0] for key in self.wrong[name]}
            for key in theirs.answers:
                if key.partition("/")[0] in questions and not alike(
                    key, self.right[name], theirs, tolerance=self.tolerance
                ):
                    return name
        return None

    def _explains(self, suspect: Suspect, name: str) -> bool:
        theirs = sheet((suspect,), name, self.observation)
        return any(
            alike(key, self.given[name], theirs, tolerance=self.tolerance)
            for key in self.wrong[name]
        )

    def fit(self, suspects: Suspects) -> Fit:
        """Return how far the bugs `suspects`, in one implementation, account for the answers."""
        probes = touched(suspects, self.observation)
        sheets = {name: sheet(suspects, name, self.observation) for name in probes}
        return fit_of(self.given, self.right, sheets, self.wrong, tolerance=self.tolerance)

    def share(self, fit: Fit) -> float:
        """Return the part of the evidence that speaks for what has `fit`, where it explains some.

        Networks are one matter, and each part that is asked by itself is another: a wrong encoding
        of labels is known by its own answers, whatever else is wrong with the network.
        """
        matters = {matter(probe) for probe, _ in fit.keys}
        wrong = sum(len(keys) for name, keys in self.wrong.items() if matter(name) in matters)
        return fit.explained / max(1, wrong, fit.explained + fit.contradicted)

    def is_all(self, suspects: Suspects) -> bool:
        """Say whether the bugs `suspects` give every answer; seen early where they don't."""
        return self._gives(suspects, self.given, touched(suspects, self.observation), self.wrong)

    def is_right(self, suspects: Suspects) -> bool:
        """Say whether an implementation with the bugs `suspects` answers rightly."""
        return self._gives(suspects, self.right, touched(suspects, self.observation), {})

    def _gives(
        self,
        suspects: Suspects,
        answers: dict[str, Sheet],
        probes: list[str],
        wrong: dict[str, frozenset[str]],
    ) -> bool:
        if any(keys for name, keys in wrong.items() if name not in probes):
            return False
        return all(
            alike(key, answers[name], theirs, tolerance=self.tolerance)
            for name in _in_order(probes)
            for theirs in (sheet(suspects, name, self.observation),)
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


def _in_order(probes: Iterable[str]) -> list[str]:
    """Return the probes in the order in which they tell most for their time."""
    order = {name: i for i, name in enumerate(OF_NETWORKS)}
    return sorted(probes, key=lambda name: order.get(name, -1))


def _told(answers: Mapping[str, Answer]) -> dict[str, Answer]:
    """Leave out what was drawn from the global generator: nothing gives the same numbers again."""
    of = ": global generator"
    drawn = tuple(
        f"{key.removesuffix(of)}, "
        for key, answer in answers.items()
        if key.endswith(of) and isinstance(answer, str) and answer != "left alone"
    )
    return {
        key: answer
        for key, answer in answers.items()
        if isinstance(answer, str) or key.endswith("/sizes") or not key.startswith(drawn)
    }


def _of(problem: str, key: str) -> bool:
    return key.startswith(f"{problem}, ")
