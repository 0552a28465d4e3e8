"""`python -m benchmarks.stability.exhaustive FUNCTION`: every float32 there is, 4.3 billion.

On all cores, in slices; the figures go into `results/FUNCTION.json`. The oracle is float64, by
another formula than ours, whose own error is below 1e-8 ULP of float32; the worst inputs of each
slice are measured again in longdouble, or mpmath.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from rich.progress import Progress

from reference_mlp import functions
from reference_mlp.testing.stability import SUBJECTS, ulp_error
from reference_mlp.testing.stability.arithmetic import in_mpmath, split

RESULTS = Path(__file__).with_name("results")
SLICE = 1 << 18
"""Inputs at a time: what stays in the cache."""
BLOCKS = 512
"""Parts that a worker is handed: 2^32 / 512 inputs, 32 slices each."""
FUNCTIONS = {
    "sigmoid": functions.sigmoid,
    "sigmoid_derivative": functions.sigmoid_derivative,
    "softplus": functions.softplus,
    "log_sigmoid": functions.log_sigmoid,
    "tanh": functions.tanh,
    "tanh_derivative": functions.tanh_derivative,
}


def exact(name: str, z: np.ndarray) -> np.ndarray:
    """Return the function of float32 numbers in float64, to some 1e-16."""
    x = z.astype(np.float64)
    if name == "sigmoid":
        # For x < -700 in float64 exp(-x) overflows: float32 has been 0 since -104.
        return 1 / (1 + np.exp(-np.maximum(x, -700)))
    if name == "tanh":
        return np.tanh(x)  # off by 1.1 ULP of float64; ours is made of expm1
    if name.endswith("_derivative"):
        # By the hyperbolic cosine, whose square overflows long after float32 has become 0.
        half = np.clip(x / 2 if name == "sigmoid_derivative" else x, -300, 300)
        return (0.25 if name == "sigmoid_derivative" else 1) / np.cosh(half) ** 2
    # logaddexp has branches of its own, and no minimum or maximum of ours.
    return np.logaddexp(0, x) if name == "softplus" else -np.logaddexp(0, -x)


def block(name: str, start: int, n: int) -> tuple[int, int, float, float, float]:
    """Return how many inputs, how many off by more than half, the worst, its input, the sum."""
    count = wrong = 0
    worst, at, total = 0.0, 0.0, 0.0
    for first in range(start, start + n, SLICE):
        bits = np.arange(first, min(first + SLICE, start + n), dtype=np.uint64)
        z = bits.astype(np.uint32).view(np.float32)
        z = z[np.isfinite(z)]
        if not len(z):
            continue
        error = off(FUNCTIONS[name](z), exact(name, z))
        i = int(error.argmax())
        count, wrong, total = count + len(z), wrong + int((error > 0.5).sum()), total + error.sum()
        if error[i] > worst:
            worst, at = float(error[i]), float(z[i])
    return count, wrong, worst, at, float(total)


def off(got: np.ndarray, exact: np.ndarray) -> np.ndarray:
    """Return the error in ULPs of float32; as `ulp_error` for finite numbers, and quicker."""
    # The exponent of the exact number by its bits; below -126 the gap is that of the subnormals.
    exponent = (exact.view(np.int64) >> 52 & 0x7FF) - 1023
    unit = np.maximum(exponent, -126) - 23
    return np.abs(got - exact) * ((1023 - unit) << 52).view(np.float64)


def settle(name: str, z: float) -> float:
    """Return the error at `z` by mpmath."""
    m, argument = in_mpmath(), np.array([z], np.float32)
    high, rest = split(SUBJECTS[name].oracle(m, m.of(argument)))
    return float(ulp_error(FUNCTIONS[name](argument), high, rest)[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("function", choices=FUNCTIONS)
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes")
    parser.add_argument("--blocks", type=int, default=BLOCKS, help=f"how many of {BLOCKS}, evenly")
    args = parser.parse_args()
    size = 2**32 // BLOCKS
    starts = [size * (i * BLOCKS // args.blocks) for i in range(args.blocks)]
    began = time.perf_counter()
    with (
        ProcessPoolExecutor(args.jobs, multiprocessing.get_context("spawn")) as pool,
        Progress() as bar,
    ):
        task = bar.add_task(args.function, total=len(starts))
        found = []
        futures = [pool.submit(block, args.function, start, size) for start in starts]
        for future in futures:
            found.append(future.result())
            bar.advance(task)
    count = sum(f[0] for f in found)
    worst = max(found, key=lambda f: f[2])
    result = {
        "function": args.function,
        "dtype": "float32",
        "inputs": count,
        "share_of_all_finite": count / (2**32 - 2**24),
        "max_ulp": settle(args.function, worst[3]),
        "at": worst[3],
        "mean_ulp": sum(f[4] for f in found) / count,
        "off_by_more_than_half": sum(f[1] for f in found),
        "seconds": round(time.perf_counter() - began, 1),
        "processes": args.jobs,
        "numpy": np.__version__,
        "machine": platform.machine(),
    }
    text = json.dumps(result, indent=1)
    if args.blocks == BLOCKS:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{args.function}.json").write_text(text + "\n", encoding="utf-8")
    bar.console.print_json(text)


if __name__ == "__main__":
    main()
