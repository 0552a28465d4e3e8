"""Formulas of the catalog in the letters of a terminal."""

from __future__ import annotations

import pytest

from buggy_variants.catalog import catalog
from buggy_variants.cli.explain import facts
from buggy_variants.formulas import in_letters


@pytest.mark.parametrize(
    ("tex", "letters"),
    [
        (r"$\dfrac{\partial L}{\partial z} = \dfrac{p - y}{N}$", "`(∂L)/(∂z) = (p - y)/N`"),
        (r"$\theta_l \leftarrow \theta_l - \eta\,d\theta_l$", "`θ[l] ← θ[l] - η dθ[l]`"),
        (r"$dW = x^\top dz + \tfrac{\lambda}{N} W$", "`dW = xᵀ dz + λ/N W`"),
        (r"$t \in \{0, 1\}$, $10^{-20}$", "`t ∈ {0, 1}`, `10⁻²⁰`"),
        (r"$-\log \bigl(p_{\text{valid}}\bigr)$", "`-log (p[valid])`"),
        ("`s[$i]` is code, and costs 5 $", "`s[$i]` is code, and costs 5 $"),
    ],
)
def test_a_formula_can_be_read(tex, letters):
    assert in_letters(tex) == letters


def test_no_formula_of_the_catalog_keeps_its_commands():
    for entry in catalog().values():
        for text in (entry.prose, *(text for _, text in facts(entry))):
            outside = [part for i, part in enumerate(text.split("`")) if i % 2 == 0]
            assert "\\" not in in_letters("".join(outside)), entry.id
