"""The adapters in docs/your-own-network.md, run as they stand there: short, and without alarms."""

from __future__ import annotations

import importlib
import json
import re
import sys
from pathlib import Path

import pytest

from reference_mlp.testing.check_implementation import check_implementation
from reference_mlp.testing.evidence import Outcome
from reference_mlp.testing.target import load_target

PAGE = Path(__file__).parents[2] / "docs" / "your-own-network.md"
BLOCKS = re.findall(
    r"^% (my_net|notebook|needs): (\S+)\n```python\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S
)
WRITES_STATE = {"functions"}

NOTEBOOK = [
    "%matplotlib inline\nimport numpy as np\nimport no_such_data_set.load as load\n",
    "X, y = load_digits()\n",
    "W1, b1 = np.random.randn(4, 6) * 0.5, np.zeros(6)\n"
    "W2, b2 = np.random.randn(6, 3) * 0.5, np.zeros(3)\n",
    "def predict(X):\n    global h\n    h = np.tanh(X @ W1 + b1)\n    return h @ W2 + b2\n",
    "def update(X, y, lr):\n    global W1, b1, W2, b2\n    d2 = (predict(X) - y) / len(X)\n"
    "    d1 = d2 @ W2.T * (1 - h * h)\n    W1, b1 = W1 - lr * X.T @ d1, b1 - lr * d1.sum(axis=0)\n"
    "    W2, b2 = W2 - lr * h.T @ d2, b2 - lr * d2.sum(axis=0)\n",
    "for epoch in range(10):\n    update(X, y, 0.1)\n    plt.plot(X)\n",
]


def test_there_is_an_adapter_for_each_style():
    assert len(BLOCKS) >= 13
    assert [code for *_, code in BLOCKS if len(code.splitlines()) > 12] == []


@pytest.mark.parametrize(
    ("kind", "what", "code"), BLOCKS, ids=[f"{i}-{b[1]}" for i, b in enumerate(BLOCKS)]
)
def test_a_right_network_has_no_alarms(kind, what, code, tmp_path, monkeypatch):
    if kind == "needs":
        pytest.importorskip(what, reason=f"{what} is not installed: an extra")
    if kind == "my_net":
        module = importlib.import_module(f"tests.own.networks.{what}")
        monkeypatch.setitem(sys.modules, "my_net", module)
    else:
        cells = [{"cell_type": "code", "source": source} for source in NOTEBOOK]
        cells[0]["source"] = cells[0]["source"].replace("no_such_data_set.load as load", "seaborn")
        (tmp_path / "train.ipynb").write_text(json.dumps({"cells": cells}))
    (tmp_path / "check_net.py").write_text(code)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "check_net", raising=False)
    report = check_implementation(load_target(f"{tmp_path / 'check_net.py'}:make_network"))
    sys.modules.pop("check_net", None)
    assert [f"{r.check}: {r.message}" for r in report.alarms] == []
    assert report.count(Outcome.PASSED) >= 10
