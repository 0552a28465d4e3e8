"""What a file of somebody's network has in it, read and not run, and a first adapter from that."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from reference_mlp.testing.adapters.cells import cells_of

ROLES = {
    "gradients": r"grad|back_?prop|backward|bprop|derivatives?$",
    "step": r"^(train|fit|step|update|learn|optimi[sz]e|sgd|descend)",
    "loss": r"loss|cost|objective|cross_?entropy|mse|nll|error",
    "outputs": r"forward|predict|fprop|propagate|feed|output|infer|think|__call__|scores",
}
"""What the names of functions say that they do, the first that fits."""

_WEIGHT = re.compile(r"_*([WwVUbc]|[Ww]eights?|[Bb]ias(es)?|theta|coefs?|params?)(_?\d+|_\w+)?$")
_GRADIENT = re.compile(r"_*(d|grad|delta)_?[A-Za-z]|\w*grad")
ACTIVATIONS = ("relu", "tanh", "sigmoid", "softmax")

ARGUMENTS = {
    "X": r"x|xs|xb|x_?(batch|train)|inputs?_?|data|images?|features?|a0?",
    "y": r"y|ys|t|ts|yb|y_?(batch|train|true)|targets?|labels?",
    "rate": r"lr|eta|alpha|(learning_?)?rate|step_?size",
    "OUT": r"y_?hat|y_?pred|outputs?|preds?|predictions?|probs?|probabilities|p|activations?|a\d",
    "1": r"(n_?|num_?)?(epochs?|iter\w*)",
    "len(X)": r"batch_?size",
    "[4, 6, 3]": r"(layer_?)?(sizes|dims|layers|widths|shape|architecture)",
    "4": r"(n_?|num_?|dim_?)?(in|inputs?|features|d|nx)(_?(size|dim|nodes|units|layer))?",
    "6": r"(n_?|num_?|dim_?)?(h|hid|hiddens?|nh)(_?(size|dim|nodes|units|layer))?",
    "3": r"(n_?|num_?|dim_?)?(out|outputs?|classes|k|ny)(_?(size|dim|nodes|units|layer))?",
}
"""What the names of parameters say that they take, the first that fits."""


@dataclass
class Found:
    """A class, or the file itself: its functions with their parameters, and names of weights."""

    name: str
    functions: dict[str, list[str]] = field(default_factory=dict)
    weights: list[str] = field(default_factory=list)

    def role(self, role: str) -> str | None:
        """Return the function that has this role by its name."""
        return next((name for name in self.functions if role_of(name) == role), None)

    @property
    def promise(self) -> tuple[int, int]:
        """How much of a network it looks like: roles, then weights."""
        return len({role_of(name) for name in self.functions} - {None}), len(self.weights)


def role_of(name: str) -> str | None:
    """Return what a function does by its name, or None.

    >>> [role_of(name) for name in ("backprop", "compute_cost", "feedforward", "shuffle")]
    ['gradients', 'loss', 'outputs', None]
    """
    return next((role for role, words in ROLES.items() if re.search(words, name.lower())), None)


@dataclass(frozen=True)
class Survey:
    """What was found in a file."""

    path: Path
    classes: list[Found]
    own: Found
    words: frozenset[str]
    first_loop: str | None

    @property
    def network(self) -> Found:
        """The class that looks most like a network, or the file itself."""
        return max([self.own, *self.classes], key=lambda found: found.promise)


def survey(path: Path) -> Survey:
    """Read a .py, .ipynb or .md file, without running it.

    Raises NamespaceError for one that can't be read, or is no Python 3.
    """
    own, classes, words, loop = Found(path.stem), [], set(), None
    for cell in cells_of(path):
        words |= {w for node in ast.walk(cell.tree) for w in _words(node)}
        for node in cell.tree.body:
            if isinstance(node, ast.ClassDef):
                classes.append(_class(node))
            elif isinstance(node, ast.FunctionDef):
                own.functions[node.name] = _parameters(node)
            elif isinstance(node, ast.Assign | ast.AugAssign) and loop is None:
                own.weights += [w for w in _targets(node, of="") if w not in own.weights]
            elif isinstance(node, ast.For | ast.While) and loop is None:
                source = ast.get_source_segment(cell.source, node) or ""
                loop = source.partition("\n")[0].strip()
    return Survey(path, classes, own, frozenset(words), loop)


def _class(node: ast.ClassDef) -> Found:
    found = Found(node.name)
    for method in node.body:
        if isinstance(method, ast.FunctionDef):
            found.functions[method.name] = _parameters(method)[1:]
            for inside in ast.walk(method):
                if isinstance(inside, ast.Assign | ast.AugAssign):
                    new = _targets(inside, of="self")
                    found.weights += [w for w in new if w not in found.weights]
    return found


def _parameters(function: ast.FunctionDef) -> list[str]:
    """Return the names of the parameters that have to be given, and of those of a step."""
    positional = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
    required = len(positional) - len(function.args.defaults)
    if role_of(function.name) == "step":
        wanted = {"rate", "1", "len(X)"}
        return [a for i, a in enumerate(positional) if i < required or meaning(a) in wanted]
    return positional[:required]


def _targets(node: ast.Assign | ast.AugAssign, *, of: str) -> Iterator[str]:
    """Yield the names of weights that are assigned to, as attributes of `of` or by themselves."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    for target in targets:
        for part in target.elts if isinstance(target, ast.Tuple | ast.List) else [target]:
            name = ""
            if of and isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
                name = part.attr if part.value.id == of else ""
            elif not of and isinstance(part, ast.Name):
                name = part.id
            if _WEIGHT.fullmatch(name) and not _GRADIENT.fullmatch(name):
                yield name


def _words(node: ast.AST) -> Iterator[str]:
    """Yield the words that tell activations and targets."""
    for name in ("id", "attr", "name", "arg", "value"):
        text = getattr(node, name, None)
        if isinstance(text, str) and len(text) < 40:
            yield text.lower()
    rows = node.slice if isinstance(node, ast.Subscript) else None
    if isinstance(rows, ast.Tuple) and any("range" in ast.unparse(part) for part in rows.elts):
        yield "[rows, labels]"


def meaning(parameter: str) -> str:
    """Return what to pass for a parameter by its name, or TODO.

    >>> [meaning(name) for name in ("x", "targets", "eta", "n_hidden", "beta2")]
    ['X', 'y', 'rate', '6', 'TODO']
    """
    fits = (m for m, words in ARGUMENTS.items() if re.fullmatch(words, parameter.lower()))
    return next(fits, "TODO")


def activations_in(words: Iterable[str]) -> list[str]:
    """Return the activations that are named somewhere."""
    text = " ".join(words).replace("logistic", "sigmoid").replace("sigm ", "sigmoid ")
    return [name for name in ACTIVATIONS if name in text]


def targets_in(words: Sequence[str] | frozenset[str]) -> str | None:
    """Return the form that targets seem to have, or None."""
    if any(re.search(r"one_?hot|categorical|\beye\b", word) for word in words):
        return "one-hot"
    return "labels" if "[rows, labels]" in words else None
