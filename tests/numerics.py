"""The tests of the numbers under other kernels of the linear algebra: ``python -m tests.numerics Haswell Prescott``.

OpenBLAS and numpy choose their inner loops by the processor, so that last digits differ between machines. Each name is
a kernel of OpenBLAS, or ``no-avx512`` for numpy's loops without AVX-512; one that this processor lacks is skipped.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
# Where the numbers are: unit and integration tests by their first word, golden and property tests all.
UNITS = ("abnormal", "blocks", "inference", "models", "study_event")
STUDIES = ("demo_windows", "one_engine", "study")
# Kernel → what the processor must have for it, as numpy names it.
KERNELS = {"Haswell": "AVX2", "Zen": "AVX2", "SkylakeX": "AVX512_SKX", "Prescott": "SSE3", "no-avx512": "AVX512F"}
FEATURES: dict[str, bool] = np._core._multiarray_umath.__cpu_features__  # type: ignore[attr-defined]
WIDE = [name for name in np._core._multiarray_umath.__cpu_dispatch__ if name.startswith(("AVX512", "X86_V4"))]


def environment(kernel: str) -> dict[str, str]:
    """That of this process with another kernel; OPENBLAS_L2_SIZE belongs to the one that was set before."""
    out = {name: value for name, value in os.environ.items() if name not in ("OPENBLAS_L2_SIZE", "OPENBLAS_CORETYPE")}
    if kernel == "no-avx512":
        return out | {"NPY_DISABLE_CPU_FEATURES": " ".join(name for name in WIDE if FEATURES[name])}
    return out | {"OPENBLAS_CORETYPE": kernel}


def main(kernels: list[str]) -> int:
    """Run the tests under each of `kernels`, all when none is named; 1 when a test fails under one."""
    files = ["tests/golden", "tests/property"]
    for folder, words in (("unit", UNITS), ("integration", STUDIES)):
        files += sorted(str(path) for word in words for path in (ROOT / "tests" / folder).glob(f"test_{word}*.py"))
    failed = []
    for kernel in kernels or list(KERNELS):
        if not FEATURES.get(KERNELS[kernel]):
            print(f"{kernel}: skipped, this processor has no {KERNELS[kernel]}", flush=True)
            continue
        print(f"{kernel}:", flush=True)
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "--numprocesses=auto",
            "--maxprocesses=4",
            "--dist=loadfile",
            *files,
        ]
        if subprocess.run(command, env=environment(kernel), check=False, cwd=ROOT).returncode:
            failed.append(kernel)
    if failed:
        print(f"the tests fail under {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
