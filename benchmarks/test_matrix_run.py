"""The matrix as a whole, in one process and once: it takes as long as it takes."""

import pytest

from buggy_variants.catalog import catalog
from buggy_variants.matrix import run_matrix
from reference_mlp.testing import CHECKS


@pytest.mark.benchmark(group="matrix: every variant by every check, one process")
def test_matrix(benchmark):
    benchmark.extra_info.update(variants=len(catalog()), checks=len(CHECKS))
    cells = benchmark.pedantic(run_matrix, kwargs={"jobs": 1}, rounds=1)
    assert len(cells) == (1 + len(catalog())) * len(CHECKS)
