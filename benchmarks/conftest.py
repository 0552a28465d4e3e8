"""What a saved benchmark says of the machine, beside what pytest-benchmark knows itself."""

import os

import numpy as np
import scipy

THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")


def pytest_benchmark_update_machine_info(machine_info):
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    machine_info |= {
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "blas": f"{blas['name']} {blas['version']}",
        "threads": {name: os.environ.get(name) for name in THREADS},
    }
