"""Formulas of TeX in the letters of a terminal."""
# ruff: noqa: RUF001 - a multiplication sign is meant

from __future__ import annotations

import re

import flatlatex

_LETTERS = {
    r"\leftarrow": "←",
    r"\Leftrightarrow": "⇔",
    r"\Rightarrow": "⇒",
    r"\le": "≤",
    r"\ge": "≥",
    r"\ne": "≠",
    r"\to": "→",
    r"\in": "∈",
    r"\cdot": "·",
    r"\times": "×",
    r"\odot": "⊙",
    r"\approx": "≈",
    r"\ldots": "…",
    r"\top": "T",
    r"\lfloor": "⌊",
    r"\rfloor": "⌋",
    r"\lceil": "⌈",
    r"\rceil": "⌉",
    r"\bmod": "mod",
    r"\dfrac": r"\frac",
    r"\tfrac": r"\frac",
}
_NAMES = {"log", "ln", "exp", "max", "min", "tanh", "sin", "cos", "lim", "arg", "argmax", "Pr"}
_UNSEEN = {"text", "mathrm", "operatorname", "mathbf", "left", "right"}
_UNSEEN |= {"bigl", "bigr", "Bigl", "Bigr"}
_BRACES = {r"\{": "\ue000", r"\}": "\ue001"}  # of private use, as braces group


def in_letters(markdown: str) -> str:
    r"""Return `markdown` with each formula between dollar signs as code, in plain letters.

    A subscript that has no letter of its own is in brackets. What is code already stays as it is.

    >>> in_letters(r"At a label $y$ it is $-\dfrac{1}{N} \sum_i \log(p_{iy_i} + 10^{-20})$.")
    'At a label `y` it is `-1/N ∑ᵢ log(p[iyᵢ] + 10⁻²⁰)`.'
    """
    parts = re.split(r"(`[^`]*`|\$[^$]+\$)", markdown)
    return "".join(f"`{_flat(p[1:-1])}`" if p.startswith("$") and len(p) > 1 else p for p in parts)


def _flat(tex: str) -> str:
    tex = re.sub(r"\\([a-zA-Z]+)", _plain, " ".join(tex.split()))
    # A space after a command is its end; one before an operator is meant.
    tex = re.sub(r"(\\[a-zA-Z]+) (?=[-+=<>≤≥≠←→∈·×⊙≈|/])", r"\1\\ ", tex)
    for brace, stand_in in _BRACES.items():
        tex = tex.replace(brace, stand_in)
    flat = str(_CONVERTER.convert(tex))
    for brace, stand_in in _BRACES.items():
        flat = flat.replace(stand_in, brace[1])
    return flat


def _plain(command: re.Match[str]) -> str:
    """Return what `flatlatex` doesn't know, or knows without the spaces that are meant."""
    name = command[1]
    if name in _NAMES | _UNSEEN:
        return name if name in _NAMES else ""
    return _LETTERS.get(command[0], command[0])


_CONVERTER = flatlatex.converter(ignore_newlines=True, keep_spaces=True)
