"""The matrix in one process: every tenth variant, as the whole of it takes minutes."""

import pytest

from buggy_variants.catalog import catalog
from buggy_variants.matrix import run_matrix
from reference_mlp.testing import CHECKS


@pytest.mark.benchmark(group="matrix: every tenth variant by the checks that concern it")
def test_matrix(benchmark):
    variants = list(catalog())[::10]
    if benchmark.disabled:  # then it is only to run, and the matrix has a test of its own
        variants = variants[:2]
    benchmark.extra_info.update(variants=len(variants), checks=len(CHECKS))
    cells = benchmark.pedantic(run_matrix, args=(variants,), kwargs={"jobs": 1}, rounds=1)
    assert all(cell.good for cell in cells)
