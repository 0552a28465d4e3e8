"""`python -m reference_mlp.testing.record_curves`: write the reference's training curves again."""

from __future__ import annotations

import json

from reference_mlp.testing.recipes import (
    CONVERGENCE,
    CURVES,
    OVERFITTING,
    REFERENCE_SEEDS,
    train_reference,
)


def main() -> None:
    """Train the reference on every recipe and seed, and write its curves."""
    curves = {
        recipe.key: [
            [float(f"{v:.6g}") for v in train_reference(recipe, seed=seed)]
            for seed in REFERENCE_SEEDS
        ]
        for recipe in (*CONVERGENCE, *OVERFITTING)
    }
    CURVES.write_text(json.dumps(curves, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
