"""Replacing a file in one step, whatever happens meanwhile: standard library only."""

from __future__ import annotations

import contextlib
import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path

# `.name.pid-thread.tmp`: hidden, in the folder of the file itself, and of one writer alone
_LEFT_BEHIND = re.compile(r"\..+\.(\d+)-\d+\.tmp(?:-journal|-wal|-shm)?")  # SQLite's own files beside it, too


def put(path: Path, content: bytes, mode: int | None = None, *, sync_folder: bool = True) -> bool:
    """Replace the file at `path` by `content`; return False, and touch nothing, when it was the same.

    A reader sees the old file or the new one, also after the machine lost its power.

    Parameters
    ----------
    path : Path
    content : bytes
    mode : int, optional
        Who may read the new file; what the process gives to every new file when None. A pipe keeps its own.
    sync_folder : bool
        Whether it is the new file for good when this returns. Who puts many into one folder calls `sync` of it once,
        after the last; until then a machine that loses its power may show the old file again, whole.

    Raises
    ------
    OSError
        The file is then as it was.
    """
    if path.is_file() and path.read_bytes() == content:
        return False
    if _is_pipe(path):
        path.write_bytes(content)
        return True
    with _named(path) as temporary:
        with temporary.open("wb") as file:  # by one handle, not as `replacing` does: a pass puts thousands
            file.write(content)
            file.flush()
            if mode is not None:
                temporary.chmod(mode)
            os.fsync(file.fileno())
        temporary.replace(path)
    if sync_folder:
        sync(path.parent)
    return True


@contextlib.contextmanager
def replacing(path: Path, *, sync_folder: bool = True) -> Iterator[Path]:
    """A name for the new file, which takes the place of `path` at the end of the block, or is gone after an error."""
    if _is_pipe(path):
        yield path
        return
    with _named(path) as temporary:
        yield temporary
        sync(temporary)
        temporary.replace(path)
        if sync_folder:
            sync(path.parent)


def _is_pipe(path: Path) -> bool:
    """Whether it is a pipe or a device, such as /dev/null: written to, never replaced."""
    return path.exists() and not path.is_file() and not path.is_dir()


@contextlib.contextmanager
def adding(path: Path) -> Iterator[Path]:
    """A name for a new file, which is at `path` at the end of the block; FileExistsError where something is by then."""
    with _named(path) as temporary:
        yield temporary
        sync(temporary)
        try:
            path.hardlink_to(temporary)
        except PermissionError:  # a file system without links
            if path.exists():
                raise FileExistsError(f"{path} is there already") from None
            temporary.replace(path)
        temporary.unlink(missing_ok=True)
        sync(path.parent)


@contextlib.contextmanager
def _named(path: Path) -> Iterator[Path]:
    """A name beside `path` for what is half-written, which is gone after an error."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_native_id()}.tmp")
    temporary.unlink(missing_ok=True)  # left behind by a killed process of the same number
    try:
        yield temporary
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def sweep(folder: Path) -> list[Path]:
    """Remove, and return, what killed processes left half-written in `folder`."""
    try:
        with os.scandir(folder) as entries:
            found = [(folder / e.name, _LEFT_BEHIND.fullmatch(e.name)) for e in entries if ".tmp" in e.name]
    except OSError:
        return []
    left = [path for path, name in found if name and not _is_alive(int(name[1]))]
    for path in left:
        path.unlink(missing_ok=True)
    return left


def sync(path: Path) -> None:
    """Have the disk hold what was written to a file, or which files a folder has."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
