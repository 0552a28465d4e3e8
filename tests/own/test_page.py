"""The adapters in docs/your-own-network.md, run as they stand there: short, and without alarms."""

from __future__ import annotations

import importlib
import json
import re
import sys
from pathlib import Path

import pytest

from reference_mlp.testing import CHECKS
from reference_mlp.testing.check_implementation import check_implementation
from reference_mlp.testing.evidence import Outcome
from reference_mlp.testing.target import load_target

PAGE = Path(__file__).parents[2] / "docs" / "your-own-network.md"
BLOCKS = re.findall(
    r"^% (my_net|notebook|needs): (\S+)\n```python\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S
)
KNOWN = {
    # Rightly: its tanh has the slope 1 / cosh(z)^2, and cosh overflows where tanh is flat.
    "autograd": {"floating_point_warnings"},
    # Rightly: they take the logarithm of a probability, which may have rounded to 0.
    "layer_objects": {"floating_point_warnings"},
    "one_column": {"floating_point_warnings"},
    "features_first": {"floating_point_warnings"},
}

# JAX compiles each operation for each shape, and these ask for many shapes.
COMPILED_ANEW = {"jax": {"batch_cut", "fit_replays", "per_sample", "duplicated_batch"}}
FORMS = [
    pytest.param(*block, passed_over, id=f"{i}-{block[1]}{what}", marks=marks)
    for i, block in enumerate(BLOCKS)
    for passed_over, what, marks in (
        [
            (COMPILED_ANEW[block[1]], "", ()),
            (set(), "-all", pytest.mark.slow),
        ]
        if block[1] in COMPILED_ANEW
        else [(set(), "", ())]
    )
]

NOTEBOOK = """
%matplotlib inline
import numpy as np
import seaborn
# cell
X, y = load_digits()
# cell
W1, b1 = np.random.randn(4, 6) * 0.5, np.zeros(6)
W2, b2 = np.random.randn(6, 3) * 0.5, np.zeros(3)
# cell
def predict(X):
    global h
    h = np.tanh(X @ W1 + b1)
    return h @ W2 + b2
# cell
def update(X, y, lr):
    global W1, b1, W2, b2
    d2 = (predict(X) - y) / len(X)
    d1 = d2 @ W2.T * (1 - h * h)
    W1, b1 = W1 - lr * X.T @ d1, b1 - lr * d1.sum(axis=0)
    W2, b2 = W2 - lr * h.T @ d2, b2 - lr * d2.sum(axis=0)
# cell
for epoch in range(10):
    update(X, y, 0.1)
"""


def lines_of(code):
    """Return the lines of an adapter but for imports and the def of make_network itself."""
    outside = ("import ", "from ", "def make_network")
    return [line for line in code.splitlines() if line.strip() and not line.startswith(outside)]


def test_there_is_an_adapter_for_each_style_of_ten_lines_at_most():
    assert len(BLOCKS) >= 13
    assert {what: n for _, what, code in BLOCKS if (n := len(lines_of(code))) > 10} == {}


@pytest.mark.parametrize(("kind", "what", "code", "passed_over"), FORMS)
def test_a_right_network_has_no_alarms(kind, what, code, passed_over, tmp_path, monkeypatch):
    if kind == "needs":
        pytest.importorskip(what, reason=f"{what} is not installed: an extra")
    if kind == "my_net":
        module = importlib.import_module(f"tests.own.networks.{what}")
        monkeypatch.setitem(sys.modules, "my_net", module)
    else:
        sources = NOTEBOOK.split("# cell")
        cells = [{"cell_type": "code", "source": source} for source in sources]
        (tmp_path / "train.ipynb").write_text(json.dumps({"cells": cells}))
    (tmp_path / "check_net.py").write_text(code)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "check_net", raising=False)
    checks = [name for name in CHECKS if name not in passed_over]
    own = load_target(f"{tmp_path / 'check_net.py'}:make_network")
    report = check_implementation(own, checks=checks)
    sys.modules.pop("check_net", None)
    alarms = {r.check: r.message for r in report.alarms if r.check not in KNOWN.get(what, ())}
    assert alarms == {}
    assert report.count(Outcome.PASSED) >= 10
