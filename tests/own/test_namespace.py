"""Scripts and notebooks, run cell by cell in a namespace of their own."""

from __future__ import annotations

import json
import sys

import pytest

from reference_mlp.testing.adapters.cells import NamespaceError
from reference_mlp.testing.adapters.namespace import namespace_of
from reference_mlp.testing.target import TargetError, load_target


def notebook(path, *sources, version=4):
    cells = [{"cell_type": "code", "source": s, "input": s} for s in sources]
    if version == 3:
        cells = [{"cell_type": "code", "input": s.splitlines(keepends=True)} for s in sources]
    text = {"worksheets": [{"cells": cells}]} if version == 3 else {"cells": cells}
    path.write_text(json.dumps(text))
    return path


@pytest.mark.parametrize("version", [3, 4])
def test_a_notebook_is_run_up_to_a_text(tmp_path, version):
    cells = ["W = 1\nX = 2", "V = W + 1\nfor epoch in range(3):\n    W = 0", "W = 7"]
    ns = namespace_of(notebook(tmp_path / "n.ipynb", *cells, version=version), until="for epoch")
    assert (ns.W, ns.V) == (1, 2)


def test_magics_are_left_out_and_strings_are_not(tmp_path):
    cells = ["%matplotlib inline\n!pip install x\nif 1:\n    %time y = 1"]
    cells += ["%%bash\nrm -rf nothing", "%%time\nz = 3", "files = !ls\nz?"]
    # A line of a string is a magic only where the cell is no Python without that.
    cells += ["s = '''\n%d\n'''"]
    ns = namespace_of(notebook(tmp_path / "n.ipynb", *cells))
    assert ns.z == 3
    assert ns.files is None
    assert ns.s == "\n%d\n"


def test_what_only_draws_is_replaced_where_it_is_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "seaborn", None)
    monkeypatch.delitem(sys.modules, "seaborn")
    code = """
import livelossplot.outputs as out
from tabulate import tabulate, other
import colorama
with out.figure() as fig:
    fig.ax[0].set(title="x")
a, b = out.subplots(1, 2)
total = sum(i for i in colorama.bar(range(4)))
colorama.init()
"""
    (tmp_path / "s.py").write_text(code)
    assert namespace_of(tmp_path / "s.py").total == 6
    # Afterwards they are as missing as before.
    assert "colorama" not in sys.modules
    with pytest.raises(ImportError):
        __import__("livelossplot")


def test_what_the_network_needs_is_not_replaced(tmp_path):
    (tmp_path / "s.py").write_text("import no_such_arrays\n")
    with pytest.raises(NamespaceError, match=r"line 1, `import no_such_arrays`.*until="):
        namespace_of(tmp_path / "s.py")


def test_markdown_has_its_fences_run(tmp_path):
    text = """
# A network
```python
W = 2
```
```text
no code at all
```
```
0.98 accuracy
```
```
In [3]: V = W + 1
        U = V + 1
```
"""
    (tmp_path / "n.md").write_text(text)
    assert namespace_of(tmp_path / "n.md").U == 4


def test_skip_given_and_files_beside(tmp_path):
    (tmp_path / "beside_here.py").write_text("K = 5\n")
    (tmp_path / "s.py").write_text("from beside_here import K\nX = load()\nn = K + m\n")
    ns = namespace_of(tmp_path / "s.py", skip=["load()"], m=2)
    sys.modules.pop("beside_here")
    assert ns.n == 7
    assert not hasattr(ns, "X")
    assert str(tmp_path) not in sys.path


def test_main_is_not_run(tmp_path):
    (tmp_path / "s.py").write_text("x = 1\nif __name__ == '__main__':\n    x = 2\n")
    assert namespace_of(tmp_path / "s.py").x == 1


@pytest.mark.parametrize(
    ("cells", "until", "words"),
    [
        (["x = 1", "print 'x'"], None, "n.ipynb, cell 2 is Python 2, by line 1"),
        (["x = 1", "y = )"], None, "cell 2 is no Python"),
        (["x = 1", "x = 1\ny = 1 / 0"], None, "cell 2: line 2, `y = 1 / 0`, raises ZeroDivision"),
        (["import sys", "sys.exit(3)"], None, "raises SystemExit"),
        (["x = 1"], "for epoch", "no statement of n.ipynb has the text 'for epoch'"),
    ],
)
def test_failures_say_where(tmp_path, cells, until, words):
    with pytest.raises(NamespaceError) as raised:
        namespace_of(notebook(tmp_path / "n.ipynb", *cells), until=until)
    assert words in str(raised.value)


@pytest.mark.parametrize("text", ["no json", "{}", "[]"])
def test_what_is_no_notebook_is_said(tmp_path, text):
    (tmp_path / "n.ipynb").write_text(text)
    with pytest.raises(NamespaceError, match="no notebook"):
        namespace_of(tmp_path / "n.ipynb")


def test_a_notebook_is_a_target(tmp_path):
    code = """
import numpy as np
from reference_mlp.testing.adapt import Problem, adapt
def make_network():
    W = np.ones((2, 3))
    problem = Problem("mine", (2, 3), (), "squared_error", "reals", 4)
    return adapt(problem, [W], logits=lambda X: X @ W)
"""
    path = notebook(tmp_path / "n.ipynb", code)
    assert load_target(f"{path}:make_network").problems[0].name == "mine"
    with pytest.raises(TargetError, match="cell 1: line 1, `x`, raises NameError"):
        load_target(f"{notebook(tmp_path / 'bad.ipynb', 'x')}:make_network")
