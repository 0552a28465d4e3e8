"""Where the full MNIST is, for the tests that need it."""

import os
from pathlib import Path

import pytest

from reference_mlp.digits import ENVIRONMENT

BESIDE = Path(__file__).parents[3] / "shared" / "data" / "mnist"


@pytest.fixture(scope="session")
def full_mnist():
    """Folder of the full set; a wrong one in the environment fails rather than skips."""
    named = os.environ.get(ENVIRONMENT)
    if named:
        return Path(named)
    if BESIDE.is_dir():
        return BESIDE
    pytest.skip(f"no full MNIST: {ENVIRONMENT} is not set and ../shared/data/mnist not there")
