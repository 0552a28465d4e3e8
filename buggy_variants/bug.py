"""What the file of a bug declares: the part that it replaces, and what there is to know of it."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import partial
from itertools import groupby
from typing import Any

from reference_mlp.testing import CHECKS, REFERENCE_PARTS

DTYPES = ("float64", "float32")


class Severity(StrEnum):
    """What somebody who has the bug gets to see."""

    CRASH = "crash"
    NAN = "NaN"
    WRONG = "silently wrong"
    WORSE = "silently worse"


class Status(StrEnum):
    """What an entry counts as."""

    ACTIVE = "active"
    CONTRACT = "equivalent in context"
    DEPRECATED = "deprecated"


@dataclass(frozen=True)
class Form:
    """The same bug as others write it: with another constant, to another extent, beside another.

    Raises ValueError for an unknown part, or where nothing is said of it.
    """

    replaces: Mapping[str, Any]
    """The buggy part, by the name of the reference's."""
    says: str
    """What is other than in the entry's own, in words that go on after its title."""
    beside: tuple[str, ...] = ()
    """Ids of other entries that are in it as well."""

    def __post_init__(self) -> None:
        if not self.says or not self.replaces:
            msg = f"{'replaces' if self.says else 'says'} of the form is empty"
            raise ValueError(msg)
        _require_known("replaces", self.replaces, REFERENCE_PARTS, of="form")


def forms(part: str, buggy: Any, says: str, **values: Iterable[float]) -> tuple[Form, ...]:
    """Return `buggy`, a class or a function in place of `part`, with other values of a constant.

    The constant is an attribute of the class, or an argument of the function. What `says` says
    ends in the value.

    >>> def decayed(params, rate=0.95): ...
    >>> [form.says for form in forms("sgd", decayed, "at a rate of", rate=(0.9, 1e-07))]
    ['at a rate of 0.9', 'at a rate of 1e-7']
    """
    ((name, of),) = values.items()
    return tuple(
        Form({part: _with(buggy, name, value)}, f"{says} {value:g}".replace("e-0", "e-"))
        for value in of
    )


def _with(buggy: Any, name: str, value: float) -> Any:
    if inspect.isclass(buggy):
        return type(buggy.__name__, (buggy,), {name: value})
    return partial(buggy, **{name: value})


@dataclass(frozen=True, kw_only=True)
class Bug:
    """A bug: the reference with `replaces` in place of its own parts.

    Texts are MyST Markdown, mathematics in TeX between dollar signs. `flagged_by` names every
    check that flags the bug, and no other: the matrix fails on a miss and on a surprise alike, and
    on an exception that `crashes_in` doesn't name.
    Raises ValueError for an empty text, an unknown part or check, or a bug that nothing flags.
    """

    replaces: Mapping[str, Any]
    """The buggy part, a class or a function, by the name of the reference's."""
    severity: Severity
    flagged_by: tuple[str, ...]
    """The names of the checks that flag it."""
    right: str
    """The formula as it should be."""
    wrong: str
    """The formula as implemented."""
    symptom: str
    """What one sees."""
    preconditions: str
    """What it takes to show."""
    why_missed: str
    """Why the usual check passes."""
    fix: str
    """What to write instead."""
    origin: tuple[str, ...]
    """Where it was met: a notebook's line, an issue, a paper, or "synthetic"."""
    crashes_in: Mapping[str, type[Exception]] = field(default_factory=dict)
    """The checks in which it raises before anything could be measured, and what it raises."""
    inconclusive_in: tuple[str, ...] = ()
    """The checks that say that they can't settle it; at other seeds it may pass them."""
    dtypes: tuple[str, ...] = DTYPES
    """The precisions of networks in which it is a bug; the matrix is of the first."""
    related: tuple[str, ...] = ()
    """Ids of entries that look alike or hide each other."""
    equivalent_to: tuple[str, ...] = ()
    """Ids of entries that are the same function."""
    status: Status = Status.ACTIVE
    """Equivalent in context: a choice that is right until something around it relies on another."""
    context: str = ""
    """Of an entry that is not active: where the choice bites, or why it is deprecated."""
    also: tuple[Form, ...] = ()
    """The same as others write it, for the diagnosis; the matrix is of the entry's own."""

    def __post_init__(self) -> None:
        optional = {"crashes_in", "inconclusive_in", "related", "equivalent_to", "also"}
        if self.status is Status.ACTIVE:
            optional.add("context")
        if self.crashes_in:
            optional.add("flagged_by")
        for name in (f.name for f in fields(self)):
            if name not in optional and not getattr(self, name):
                msg = f"{name} of the bug is empty"
                raise ValueError(msg)
        _require_known("replaces", self.replaces, REFERENCE_PARTS)
        _require_known("flagged_by", self.flagged_by, CHECKS)
        _require_known("crashes_in", self.crashes_in, CHECKS)
        _require_known("inconclusive_in", self.inconclusive_in, CHECKS)
        _require_known("dtypes", self.dtypes, DTYPES)
        said = [form.says for form in self.also]
        if len(set(said)) < len(said):
            msg = f"also of the bug has forms that say the same: {said}"
            raise ValueError(msg)

    @property
    def caught_by(self) -> tuple[str, ...]:
        """The names of the checks that flag it or in which it raises."""
        return (*self.flagged_by, *self.crashes_in)

    @property
    def other_forms(self) -> str:
        """What its forms say, those that differ in a number together."""
        said = (
            ", ".join([f"with {id_}" for id_ in form.beside] + [form.says]).rpartition(" ")
            for form in self.also
        )
        groups = groupby(said, key=lambda words: words[0])
        return "; ".join(f"{says} {_or([last for *_, last in of])}" for says, of in groups)


def _or(words: list[str]) -> str:
    return " or ".join([*([", ".join(words[:-1])] if words[1:] else []), words[-1]])


def _require_known(name: str, given: Any, known: Collection[str], *, of: str = "bug") -> None:
    if unknown := set(given) - set(known):
        msg = f"{name} of the {of} has {sorted(unknown)}, expected names among {sorted(known)}"
        raise ValueError(msg)
