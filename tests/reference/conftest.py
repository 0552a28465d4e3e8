import pytest

from tests.reference.bench import Bench


@pytest.fixture
def bench():
    return Bench()
