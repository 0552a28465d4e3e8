"""`gradbugs adapt` and `gradbugs template`: first adapters that are Python, and where they end."""

from __future__ import annotations

import ast
import json
import shutil
import sys
from pathlib import Path

import pytest

from buggy_variants import cli
from reference_mlp.testing.check_implementation import check_implementation
from reference_mlp.testing.target import load_target

NETWORKS = Path(__file__).parent / "networks"


def adapted(tmp_path, name):
    shutil.copy(NETWORKS / f"{name}.py", tmp_path / f"{name}.py")
    assert cli.main(["adapt", str(tmp_path / f"{name}.py")]) == 0
    return (tmp_path / f"check_{name}.py").read_text()


@pytest.mark.parametrize("name", sorted(p.stem for p in NETWORKS.glob("[a-z]*.py")))
def test_a_first_adapter_is_python_and_says_what_is_left(name, tmp_path):
    text = adapted(tmp_path, name)
    ast.parse(text)
    assert "TODO" in text


def test_of_the_commonest_style_it_runs_as_it_is(tmp_path, monkeypatch):
    adapted(tmp_path, "plain")
    monkeypatch.setattr(sys, "path", list(sys.path))
    own = load_target(f"{tmp_path / 'check_plain.py'}:make_network")
    checks = ["parameter_differences", "duplicated_batch", "step_consistency", "gradient_scale"]
    report = check_implementation(own, checks=checks)
    for module in ("plain", "check_plain"):
        sys.modules.pop(module, None)
    assert [r.message for r in report.alarms] == []
    assert [r.outcome for r in report.results] == ["passed"] * len(checks)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        (
            "plain",
            ['attributes(net, "W1", "b1", "W2", "b2")', "net.compute_loss(y, net.forward(X))"],
        ),
        ("one_column", ['"W", "V", "__b", "__c"', "OneHidden(4, 6, 3)", "softmax_cross_entropy"]),
        ("functions", ["import functions as my_net", '"labels"']),
    ],
)
def test_it_finds_what_is_there(name, parts, tmp_path):
    text = adapted(tmp_path, name)
    assert [part for part in parts if part not in text] == []


def test_nothing_is_run(tmp_path):
    (tmp_path / "loud.py").write_text(
        "raise SystemExit('run')\nW = 1.0\nfor i in range(9):\n    W -= 1\n"
    )
    assert cli.main(["adapt", str(tmp_path / "loud.py")]) == 0
    # A script that trains when it is run is stopped before its loop.
    assert "until='for i in range(9):'" in (tmp_path / "check_loud.py").read_text()


def test_a_notebook_is_read_too(tmp_path):
    source = (NETWORKS / "plain.py").read_text()
    cells = [
        {"cell_type": "code", "source": source},
        {"cell_type": "code", "source": "%time x = 1"},
    ]
    (tmp_path / "my net.ipynb").write_text(json.dumps({"cells": cells}))
    assert cli.main(["adapt", str(tmp_path / "my net.ipynb")]) == 0
    text = (tmp_path / "check_my net.py").read_text()
    assert 'namespace_of("my net.ipynb")' in text
    assert "NeuralNetwork = my_net.NeuralNetwork" in text


def test_what_is_there_is_left_as_it_is(tmp_path, capsys):
    adapted(tmp_path, "plain")
    (tmp_path / "check_plain.py").write_text("mine")
    assert cli.main(["adapt", str(tmp_path / "plain.py")]) == 2
    assert "is there already" in capsys.readouterr().err
    assert (tmp_path / "check_plain.py").read_text() == "mine"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("print 'hello'\n", "is Python 2, by line 1"),
        ("def f(:\n", "is no Python"),
        (None, "can't be read"),
    ],
)
def test_what_cannot_be_read_is_said_in_words(text, words, tmp_path, capsys):
    if text is not None:
        (tmp_path / "old.py").write_text(text)
    assert cli.main(["adapt", str(tmp_path / "old.py")]) == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "check_old.py").exists()


def test_the_template_is_an_adapter(capsys):
    assert cli.main(["template"]) == 0
    text = capsys.readouterr().out
    names = {node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)}
    assert names == {"make_network"}
