"""What keeps a build of so many pages quick: fewer garbage collections, of what is new only."""

from __future__ import annotations

import gc
from typing import Any

from sphinx.application import Sphinx

YOUNG = 50_000
"""New objects between collections: a page makes more than that, most of them in cycles."""


def setup(app: Sphinx) -> dict[str, bool]:
    gc.set_threshold(YOUNG, 10, 10)
    # What is there by then is there to the end; each page would have it walked over again.
    app.connect("builder-inited", _freeze, priority=900)
    app.connect("env-updated", _freeze, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _freeze(*_: Any) -> None:
    gc.collect()
    gc.freeze()
