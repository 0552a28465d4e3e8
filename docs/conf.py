"""The documentation site: Sphinx, MyST and furo, with pages generated from the catalog."""

from __future__ import annotations

import re
import sys
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

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
    "quick_build",
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
html_static_path = ["_static"]
html_css_files = ["matrix.css"]
exclude_patterns = ["_build", "_ext"]

# A bar outside of code: | is mathematics in these docstrings, and substitution in reStructuredText.
_BAR = re.compile(r"\|(?=(?:[^`]*`[^`]*`)*[^`]*$)")


def setup(app: Sphinx) -> None:
    app.connect("autodoc-process-docstring", _keep_bars)
    # It only copies files at the end, and doesn't say that it is safe with `-j`.
    app.extensions["sphinx-mathjax-offline"].parallel_read_safe = True


def _keep_bars(*args: Any) -> None:
    lines: list[str] = args[-1]
    for i, line in enumerate(lines):
        if not line.lstrip().startswith((">>>", "...")):
            lines[i] = _BAR.sub(r"\\|", line)
