"""Checkpoints: all that training needs to go on from where it was, bit for bit.

A file is an npz without pickles: the parameters, what the optimiser remembers, and, as JSON, the
state of the generator, the history, and whose training it is.
"""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from reference_mlp._arrays import Array, Params
from reference_mlp._files import whole
from reference_mlp.evaluation import Evaluation
from reference_mlp.optimisers import Optimiser
from reference_mlp.training import Epoch

FORMAT = 1
_RECORD = "record"
_PARAMS, _STATE = "params/", "optimiser/"
# What reading other bytes than ours may raise, by NumPy, zipfile, zlib and json.
_DAMAGE = (
    *(OSError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError),
    *(ValueError, KeyError, TypeError, AttributeError),
)


def save_checkpoint(
    path: str | os.PathLike[str],
    *,
    params: Params,
    optimiser: Optimiser,
    rng: np.random.Generator,
    history: Sequence[Epoch],
    identity: Mapping[str, Any],
) -> None:
    """Write a checkpoint to `path`, whole or not at all.

    `identity` says whose training it is, in JSON's types: a recipe's name, the seed, the data.

    >>> from reference_mlp import SGD
    >>> params, rng = {"0.b": np.array([0.5])}, np.random.default_rng(0)
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     state = {"params": params, "optimiser": SGD(0.1), "rng": rng, "identity": {"seed": 0}}
    ...     save_checkpoint(f"{folder}/c.npz", history=[], **state)
    ...     params["0.b"] += 1
    ...     history = load_checkpoint(f"{folder}/c.npz", **state)
    >>> history, params
    ([], {'0.b': array([0.5])})
    """
    path = Path(path)
    arrays, plain = _state_of(optimiser)
    record = {
        "format": FORMAT,
        "identity": dict(identity),
        "optimiser": {"type": type(optimiser).__name__, "state": plain},
        "rng": rng.bit_generator.state,
        "history": [asdict(epoch) for epoch in history],
    }
    arrays = {
        **{_PARAMS + name: p for name, p in params.items()},
        **{_STATE + name: a for name, a in arrays.items()},
        _RECORD: np.frombuffer(json.dumps(record).encode(), np.uint8),
    }
    with whole(path) as file:
        np.savez(file, allow_pickle=False, **arrays)


def load_checkpoint(
    path: str | os.PathLike[str],
    *,
    params: Params,
    optimiser: Optimiser,
    rng: np.random.Generator,
    identity: Mapping[str, Any],
) -> list[Epoch]:
    """Put what `save_checkpoint` wrote back into the arguments, and return the history.

    Raises ValueError, naming the file and what is wrong, for one that is damaged, or of another
    identity, other parameters, another optimiser or another kind of generator; nothing is changed
    then. Raises FileNotFoundError for one that isn't there.
    """
    path = Path(path)
    saved, record = _read(path)
    _require_own(path, record, identity)
    arrays, plain = _state_from(path, saved, record, optimiser)
    theirs = {n.removeprefix(_PARAMS): a for n, a in saved.items() if n.startswith(_PARAMS)}
    if _described(theirs) != _described(params):
        msg = f"{path} has parameters {_described(theirs)}, expected {_described(params)}"
        raise ValueError(msg)
    for attribute, remembered in arrays.items():
        if any(
            name not in params or a.shape != params[name].shape for name, a in remembered.items()
        ):
            msg = (
                f"{path} has {attribute} of {_described(remembered)}, expected shapes of parameters"
            )
            raise ValueError(msg)
    try:
        history = [_epoch(epoch) for epoch in record["history"]]
        rng.bit_generator.state = record["rng"]
    except (KeyError, TypeError, ValueError) as error:
        msg = f"{path} has a history or a generator of another kind: {error}"
        raise ValueError(msg) from error
    for name, p in theirs.items():
        params[name][...] = p
    for name, value in {**plain, **arrays}.items():
        setattr(optimiser, name, value)
    return history


def _state_of(optimiser: Optimiser) -> tuple[dict[str, Array], dict[str, Any]]:
    """Return the arrays that an optimiser remembers, by attribute and parameter, and all else."""
    arrays: dict[str, Array] = {}
    plain: dict[str, Any] = {}
    for name, value in vars(optimiser).items():
        if isinstance(value, dict) and all(isinstance(v, np.ndarray) for v in value.values()):
            arrays |= {f"{name}/{key}": v for key, v in value.items()}
        else:
            plain[name] = value
    return arrays, plain


def _state_from(
    path: Path, saved: dict[str, Array], record: dict[str, Any], optimiser: Optimiser
) -> tuple[dict[str, Params], dict[str, Any]]:
    """Return the attributes to give back to the optimiser: dicts of arrays, and all else."""
    theirs = record["optimiser"]
    if theirs["type"] != type(optimiser).__name__:
        msg = f"{path} is of {theirs['type']}, expected {type(optimiser).__name__}"
        raise ValueError(msg)
    own_arrays, own_plain = {}, {}
    for name, value in vars(optimiser).items():
        if isinstance(value, dict) and name not in theirs["state"]:
            own_arrays[name] = _below(saved, f"{_STATE}{name}/")
        elif name in theirs["state"]:
            own_plain[name] = theirs["state"][name]
        else:
            msg = f"{path} lacks {name} of {type(optimiser).__name__}"
            raise ValueError(msg)
    settings = {name: value for name, value in own_plain.items() if not isinstance(value, dict)}
    ours = {name: getattr(optimiser, name) for name in settings}
    if settings != ours:
        msg = f"{path} is of an optimiser with {settings}, expected {ours}"
        raise ValueError(msg)
    return own_arrays, own_plain


def _below(saved: dict[str, Array], prefix: str) -> Params:
    return {n.removeprefix(prefix): a for n, a in saved.items() if n.startswith(prefix)}


def _read(path: Path) -> tuple[dict[str, Array], dict[str, Any]]:
    try:
        # Opened here, as np.load leaves a file open that is no zip.
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            saved = {name: file[name] for name in file.files}
        record = json.loads(saved.pop(_RECORD).tobytes())
        version = record["format"]
        complete = {"identity", "optimiser", "rng", "history"} <= record.keys()
    except FileNotFoundError:
        raise
    except _DAMAGE as error:
        msg = f"{path} is no checkpoint, or a damaged one: {error}"
        raise ValueError(msg) from error
    if version != FORMAT or not complete:
        msg = f"{path} is a checkpoint of format {version!r:.40}, expected {FORMAT}"
        raise ValueError(msg)
    return saved, record


def _require_own(path: Path, record: dict[str, Any], identity: Mapping[str, Any]) -> None:
    # As it comes back from JSON, where a tuple is a list.
    ours = json.loads(json.dumps(dict(identity)))
    theirs = record["identity"]
    for name in sorted({*ours, *theirs}):
        if theirs.get(name) != ours.get(name):
            msg = f"{path} is of {name} {theirs.get(name)!r}, expected {ours.get(name)!r}"
            raise ValueError(msg)


def _epoch(fields: dict[str, Any]) -> Epoch:
    scored = fields["validation"]
    # asdict leaves a named tuple one, and JSON makes it a list.
    return Epoch(**{**fields, "validation": None if scored is None else Evaluation(*scored)})


def _described(arrays: Mapping[str, Array]) -> str:
    return ", ".join(f"{name} {a.shape} {a.dtype}" for name, a in sorted(arrays.items()))
