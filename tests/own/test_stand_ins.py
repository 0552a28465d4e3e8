"""Files that import what is not installed, and can do without it or can't."""

from __future__ import annotations

import sys
import sysconfig

import pytest

from buggy_variants import cli
from reference_mlp.testing.adapters.stubs import stubbed

FEW = ["--check", "parameter_differences", "asked_twice"]


def checked(capsys, tmp_path, text):
    """Return the exit status, and what is said of a file of that text."""
    file = tmp_path / "net.py"
    file.write_text(text, encoding="utf-8")
    status = cli.main(["check", f"{file}:right", *FEW])
    return status, capsys.readouterr().err


@pytest.mark.parametrize(
    "line", ["import livelossplot as plot", "from livelossplot.inputs import PlotLosses"]
)
def test_what_only_draws_is_stood_in_for_and_named(capsys, tmp_path, line):
    status, err = checked(capsys, tmp_path, f"{line}\nfrom tests.own.nets import right\n")
    assert status == 0
    assert err == "gradbugs: livelossplot not installed; what does nothing is in the place\n"


def test_it_may_be_in_a_file_that_the_adapter_imports(capsys, tmp_path):
    beside = "import livelossplot\nfrom tests.own.nets import right\n"
    (tmp_path / "my_own_net.py").write_text(beside, encoding="utf-8")
    assert checked(capsys, tmp_path, "from my_own_net import right\n")[0] == 0


def test_what_the_network_needs_is_asked_for(capsys, tmp_path):
    status, err = checked(capsys, tmp_path, "import no_such_module\n")
    assert status == 2
    assert "net.py imports 'no_such_module', which is not installed" in err


def test_where_it_can_not_do_without_it_is_said_what_is_missing(capsys, tmp_path):
    text = "import livelossplot\n(X, y), _ = livelossplot.load()\n"
    status, err = checked(capsys, tmp_path, text)
    assert status == 2
    assert "ValueError: not enough values to unpack" in err
    assert "line 2 of net.py (livelossplot not installed; what does nothing is in the" in err


def test_a_library_of_networks_is_not_stood_in_for():
    with stubbed():
        finder = sys.meta_path[-1]
        assert finder.find_spec("sklearn") is not None
        assert finder.find_spec("sklearn.datasets") is not None
        assert finder.find_spec("sklearn.neural_network") is None


@pytest.mark.parametrize(("folder", "stood_in_for"), [("/home/somebody", True), (None, False)])
def test_what_is_installed_does_without_it_by_itself(folder, stood_in_for):
    folder = folder or sysconfig.get_path("purelib")
    program = compile("import livelossplot", f"{folder}/library.py", "exec")
    with stubbed():
        if stood_in_for:
            exec(program)  # noqa: S102
        else:
            with pytest.raises(ImportError):
                exec(program)  # noqa: S102
