"""Arrays as people keep them: in dicts, lists and attributes, one inside the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from reference_mlp._arrays import Array, Params

Arrays: TypeAlias = "Mapping[Any, Any] | Iterable[Any] | Array | float"
"""A dict, a list, nested, or one array."""


class AdapterError(ValueError):
    """What an adapter is told of somebody's code can't be so; the message says what would help."""


class Place(NamedTuple):
    """Where an array is kept: its path, what holds it, and under which key."""

    path: str
    holder: Any
    key: Any
    value: Any


def places(nest: Any, path: str = "") -> Iterator[Place]:
    """Yield the place of each array in a nest of dicts, lists and tuples."""
    if isinstance(nest, Mapping):
        items: Iterable[tuple[Any, Any]] = list(nest.items())
    elif isinstance(nest, list | tuple):
        items = enumerate(nest)
    else:
        yield Place(path, None, None, nest)
        return
    for key, value in items:
        inside = f"{path}.{key}" if path else str(key)
        if isinstance(value, Mapping | list | tuple):
            yield from places(value, inside)
        else:
            yield Place(inside, nest, key, value)


def named(arrays: Any) -> Params:
    """Return the arrays of a nest by their path in it.

    >>> list(named({"W": [np.zeros(1), np.zeros(2)], "b": np.zeros(3)}))
    ['W.0', 'W.1', 'b']
    """
    return {place.path: np.asarray(place.value) for place in places(arrays)}


def write(arrays: Any, values: Iterable[Array], *, widen: bool = False) -> None:
    """Put `values` into a nest, in its order: into the arrays themselves where that can be done.

    Else in their place, where what holds them lets it; so also arrays of another dtype, if `widen`,
    or if they have become wider themselves. Raises AdapterError, naming the one that can't be
    written, and TypeError for values that are wider than their arrays, unless `widen`.
    """
    for place, value in zip(places(arrays), values, strict=True):
        kept, real = place.value, value.real
        if isinstance(kept, np.ndarray) and kept.flags.writeable:
            fits = kept.size == real.size and kept.ndim <= real.ndim
            if fits and kept.dtype == real.dtype:
                kept[...] = real.reshape(kept.shape)
                continue
            if fits and kept.dtype.itemsize < real.dtype.itemsize and not widen:
                msg = f"parameter {place.path} is of {kept.dtype}, and can't hold {real.dtype}"
                raise TypeError(msg)
        if place.holder is None or isinstance(place.holder, tuple):
            what = f"is a {type(kept).__name__}, of shape {np.shape(kept)}"
            msg = f"parameter {place.path or 'alone'} {what}, and can't be written: use set_arrays"
            raise AdapterError(msg)
        place.holder[place.key] = float(real.item()) if np.ndim(kept) == 0 else real.copy()


def attributes(owner: Any, *names: str) -> MutableMapping[str, Any]:
    """Return the arrays that objects keep in attributes, by name, as they are at each moment.

    `owner` is an object, or a list of layers, of which those without an attribute are left out; a
    module will do, whose attributes are its globals. A name with two underscores in front is found
    where Python hides it. An array that a step replaces is the new one afterwards.

    >>> class Net:
    ...     def __init__(self):
    ...         self.__W = np.zeros(2)
    >>> attributes(Net(), "__W")["__W"]
    array([0., 0.])

    Raises AttributeError for a name that nothing has.
    """
    if not isinstance(owner, list | tuple):
        found = {name: (owner, _as_kept(owner, name)) for name in names}
    else:
        found = {
            f"{i}.{name}": (layer, _as_kept(layer, name))
            for i, layer in enumerate(owner)
            for name in names
            if hasattr(layer, _as_kept(layer, name))
        }
    if missing := [name for name, (of, kept) in found.items() if not hasattr(of, kept)]:
        if isinstance(owner, Mapping):
            msg = (
                f"a dict has no attributes {', '.join(missing)}: give it as it is, its arrays alone"
            )
            raise AttributeError(msg)
        has = ", ".join(sorted(getattr(owner, "__dict__", {}))) or "none"
        msg = f"a {type(owner).__name__} has no {', '.join(missing)}; its attributes: {has:.200}"
        raise AttributeError(msg)
    return _Attributes(found)


def _as_kept(owner: Any, name: str) -> str:
    """Return the name under which Python keeps __W of a class: _Class__W."""
    if name.startswith("__") and not name.endswith("__"):
        for cls in type(owner).__mro__:
            mangled = f"_{cls.__name__.lstrip('_')}{name}"
            if hasattr(owner, mangled):
                return mangled
    return name


class _Attributes(MutableMapping[str, Any]):
    """A dict whose entries are attributes of objects."""

    def __init__(self, found: Mapping[str, tuple[Any, str]]) -> None:
        self._found = found

    def __getitem__(self, key: str) -> Any:
        owner, name = self._found[key]
        return getattr(owner, name)

    def __setitem__(self, key: str, value: Any) -> None:
        owner, name = self._found[key]
        setattr(owner, name, value)

    def __delitem__(self, key: str) -> None:
        raise TypeError

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)
