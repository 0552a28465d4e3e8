"""How each notebook is mended: which parts, in which order, and what each of the mends shows."""

from buggy_variants.notebooks.stories import nb000, nb001, nb002, nb003, nb004

STORIES = {module.STORY.recipe.name: module.STORY for module in (nb000, nb001, nb002, nb003, nb004)}
"""The stories by the names of their recipes."""

__all__ = ["STORIES"]
