"""Room for the large arrays of a study: in memory, or in files that the system reads and writes as it has need."""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from eventstudy.errors import DataError

Room = Callable[[tuple[int, ...], DTypeLike], NDArray[Any]]  # of a shape and a type makes an array, as `np.empty` does


def room_in(folder: Path | None) -> Room:
    """Room in files without a name in `folder`, which are gone with their arrays; in memory when None."""
    return np.empty if folder is None else partial(_mapped, folder)


def _mapped(folder: Path, shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """A new array whose pages are a file's: they leave memory when others need it, and no swap takes them."""
    size = math.prod(shape) * np.dtype(dtype).itemsize
    if not size:  # nothing can be mapped
        return np.empty(shape, dtype)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as stream:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(stream.fileno(), 0, size)  # else a disk that is full would end the process
            return np.asarray(np.memmap(stream, dtype, "r+", shape=shape))
    except OSError as error:
        raise DataError(
            f"there is no room for {size / 1e6:,.0f} MB of numbers: {error.strerror or error}",
            where="folder",
            value=str(folder),
            remedy="name a folder that can be written, on a disk with room",
        ) from None
