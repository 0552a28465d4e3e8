"""A new bug's file: it loads as it is, in every family and of every part."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import pytest

import buggy_variants
from buggy_variants import Bug, catalog, cli
from buggy_variants.catalog import _read
from buggy_variants.scaffold import scaffold

PARTS = {
    "softmax": "def softmax(",
    "linear.backward": "class MyOwnBug(Linear):",
    "softmax_cross_entropy.value": "class MyOwnBug(SoftmaxCrossEntropy):",
    "network.backward": "class MyOwnBug(Network):",
    "adam.step": "class MyOwnBug(Adam):",
    "he_normal": "def he_normal(",
    "mlp": "def mlp(",
    "minibatches": "def minibatches(",
    "fit": "def fit(",
    "evaluate": "def evaluate(",
}


@pytest.fixture
def root(tmp_path):
    """A copy of the families' folders."""
    return Path(shutil.copytree(buggy_variants.__path__[0], tmp_path / "buggy_variants"))


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("part", PARTS)
def test_the_file_loads_as_an_entry_that_is_still_right(root, part):
    path = scaffold("loss_gradient", "my_own_bug", part, root=root)
    text = path.read_text(encoding="utf-8")
    assert PARTS[part] in text
    assert text.count("# BUG: ") == 1
    module = load(path)
    assert isinstance(module.bug, Bug)
    entry = _read(module, "loss_gradient", path.stem)
    assert entry.title == "My own bug"
    assert list(module.bug.replaces) == [part.partition(".")[0]]


def test_numbers_go_on_from_the_highest(root):
    highest = max(int(id_[2:]) for id_ in catalog())
    first = scaffold("numerics", "one_more", "softmax", root=root)
    second = scaffold("aliasing", "another", "softmax", root=root)
    assert first.name == f"gb{highest + 1:03}_one_more.py"
    assert second.name == f"gb{highest + 2:03}_another.py"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nosuch", "a_bug", "softmax"), "family is 'nosuch', expected one of aliasing"),
        (("numerics", "A Bug", "softmax"), "slug is 'A Bug', expected small letters"),
        (("numerics", "relu_in_place", "softmax"), "slug 'relu_in_place' is that of GB016"),
        (("numerics", "a_bug", "nosuch"), "no part is called 'nosuch', expected one of"),
        (("numerics", "a_bug", "linear"), "linear is a class, expected one of linear.forward"),
        (("numerics", "a_bug", "softmax.forward"), "softmax is a function, expected no method"),
    ],
)
def test_what_cannot_be_scaffolded_is_refused_and_nothing_written(root, arguments, message):
    before = sorted(root.rglob("*.py"))
    with pytest.raises(ValueError, match=message):
        scaffold(*arguments, root=root)
    assert sorted(root.rglob("*.py")) == before


def test_the_command_says_what_is_next(capsys, monkeypatch, tmp_path):
    path = tmp_path / "gb999_my_own_bug.py"
    monkeypatch.setattr("buggy_variants.cli.new.scaffold", lambda *_: path)
    assert cli.main(["new", "numerics", "my_own_bug", "--replaces", "softmax"]) == 0
    out = capsys.readouterr().out
    assert str(path) in out
    assert "gradbugs matrix --variant GB999" in out


def test_the_command_refuses_in_words(capsys):
    assert cli.main(["new", "numerics", "my_own_bug", "--replaces", "nosuch"]) == 2
    assert "no part is called 'nosuch'" in capsys.readouterr().err


def test_a_bug_is_not_written_into_an_installed_copy(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("buggy_variants.__path__", [str(tmp_path / "buggy_variants")])
    assert cli.main(["new", "numerics", "my_own_bug", "--replaces", "softmax"]) == 2
    assert "pip install -e" in capsys.readouterr().err
