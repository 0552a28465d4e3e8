"""The five notebooks, mended: what each author set out to train, trained by the reference."""

from buggy_variants.notebooks.recipes import RECIPES, Recipe, find_recipe
from buggy_variants.notebooks.training import Trained, train

__all__ = ["RECIPES", "Recipe", "Trained", "find_recipe", "train"]
