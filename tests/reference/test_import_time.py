import subprocess
import sys
from pathlib import Path

import pytest

import reference_mlp

# What takes as long to load as this package and more.
HEAVY = ["hypothesis", "importlib.metadata", "matplotlib", "pytest", "rich", "scipy.optimize"]


def loaded_by(statement):
    """The modules that a fresh interpreter holds after `statement`."""
    result = subprocess.run(  # noqa: S603 - our own interpreter and words
        [sys.executable, "-c", f"import sys; {statement}; print(*sys.modules)"],
        cwd=Path(reference_mlp.__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(result.stdout.split())


@pytest.fixture(scope="module")
def added():
    """The modules that importing the package adds to those of NumPy and SciPy."""
    dependencies = "import numpy, scipy.special"
    return loaded_by(f"{dependencies}, reference_mlp") - loaded_by(dependencies)


def test_the_package_loads_itself_without_its_checks(added):
    assert {"reference_mlp.network", "reference_mlp.training"} <= added
    assert "reference_mlp.testing" not in added
    assert "buggy_variants" not in added


def test_all_else_is_of_the_standard_library(added):
    others = {name.split(".")[0] for name in added} - {"reference_mlp"}
    assert others <= sys.stdlib_module_names


@pytest.mark.parametrize("name", HEAVY)
def test_nothing_heavy_is_loaded(added, name):
    assert name not in added
