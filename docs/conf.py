"""The documentation site: Sphinx, MyST and furo, with pages generated from the catalog."""

from __future__ import annotations

import sys
from importlib.metadata import version as version_of
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "gradbugs"
author = "The gradbugs authors"
project_copyright = "2026, the gradbugs authors"
release = version = version_of("gradbugs")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.viewcode",
    "sphinx-mathjax-offline",
    "generated_pages",
]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
default_role = "code"
autodoc_member_order = "bysource"
autodoc_typehints = "description"
nitpicky = False
html_theme = "furo"
pygments_style = "friendly"
html_title = "gradbugs"
exclude_patterns = ["_build", "_ext"]
