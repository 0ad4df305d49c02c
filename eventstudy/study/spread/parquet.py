"""Prices in Parquet files, in folders or object stores: a worker reads the symbols, columns and row groups it needs."""

from __future__ import annotations

import bisect
import contextlib
import functools
import glob
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from eventstudy.errors import DataError, without_secrets
from eventstudy.tables.options import Options
from eventstudy.tables.reading import of_frame
from eventstudy.tables.roles import FIELDS
from eventstudy.tables.shapes import shape_of
from eventstudy.tables.table import Table

SUFFIXES = (".parquet", ".pq")
WHERE = "prices"
WANTED = ("date", "time", "symbol", *FIELDS)  # roles of what is read


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceFiles:
    """Files in the long form, a line per symbol and date, of which parts can be read.

    Attributes
    ----------
    address : str
        A folder, a pattern, or an address of fsspec.
    paths : tuple of str
        Of the files, in order.
    keys : tuple of str
        Columns that the names of folders stand for, such as ``symbol=AAA``.
    symbol : str
        The column of symbols.
    columns : tuple of str
        All columns that are read.
    form : Options
    """

    address: str
    paths: tuple[str, ...]
    keys: tuple[str, ...]
    symbol: str
    columns: tuple[str, ...]
    form: Options

    def read(self, symbols: Sequence[str] | None = None) -> Table:
        """The lines of some symbols, named as they stand; of all when None."""
        import pyarrow.dataset as ds

        # row groups that have none of them by their footers are left out
        chosen = None if symbols is None else ds.field(self.symbol).isin(list(symbols))
        with _reading(self.address):
            found = _opened(self.address, self.paths, self.keys, self.symbol).to_table(
                columns=list(self.columns), filter=chosen, use_threads=False
            )
        frame = found.to_pandas(date_as_object=False, categories=[self.symbol])
        return of_frame(frame, WHERE, self.form)

    def symbols_of(self, first: int, last: int) -> list[str]:
        """Symbols of the files from `first` to before `last`, in the order in which they come."""
        import pyarrow.compute as pc
        import pyarrow.dataset as ds

        found: dict[str, None] = {}
        with _reading(self.address):
            dataset = _opened(self.address, self.paths[first:last], self.keys, self.symbol)
            for fragment in dataset.get_fragments():
                key = ds.get_partition_keys(fragment.partition_expression).get(self.symbol)
                if key is not None:
                    found[str(key)] = None
                    continue
                for batch in fragment.to_batches(columns=[self.symbol], schema=dataset.schema, use_threads=False):
                    names = pc.unique(batch[self.symbol]).to_pylist()
                    if None in names:
                        raise DataError(
                            "a line without a symbol", where=WHERE, value=fragment.path, remedy="fill it in"
                        )
                    found |= dict.fromkeys(names)
        return list(found)

    def groups(self) -> Iterator[Group]:
        """What the footers say of every row group."""
        import pyarrow.dataset as ds

        for fragment in _opened(self.address, self.paths, self.keys, self.symbol).get_fragments():
            key = ds.get_partition_keys(fragment.partition_expression).get(self.symbol)
            with _reading(self.address):
                facts = fragment.metadata
            for number in range(facts.num_row_groups):
                group = facts.row_group(number)
                low, high, size = key, key, 0
                for column in map(group.column, range(group.num_columns)):
                    if column.path_in_schema in self.columns:
                        size += column.total_compressed_size
                    if column.path_in_schema == self.symbol and column.statistics is not None:
                        low, high = (column.statistics.min, column.statistics.max)
                yield Group(rows=group.num_rows, size=size, low=low, high=high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A row group: its rows, the bytes of what is read of it, and its first and last symbol, None where not said."""

    rows: int
    size: int
    low: str | None
    high: str | None

    def is_read_for(self, symbols: Sequence[str]) -> bool:
        """Whether it may have one of some symbols, which are in order."""
        if self.low is None or self.high is None:
            return True
        at = bisect.bisect_left(symbols, self.low)
        return at < len(symbols) and symbols[at] <= self.high


def is_many(text: str) -> bool:
    """Whether a text names a folder, a pattern, or an address, and no single file."""
    return "://" in text or any(sign in text for sign in "*?[") or Path(text).is_dir()


def price_files(address: str, form: Options, given: Sequence[str] = ()) -> PriceFiles | None:
    """The files at an address; None where they are not in the long form, and are read as a table.

    Parameters
    ----------
    given : sequence of str
        The files, where a shell has made them of the address.

    Raises
    ------
    DataError
        When there are none, pyarrow or fsspec is not installed, or they cannot be read.
    """
    try:
        import pyarrow as pa
        import pyarrow.dataset  # what is meant by Parquet here
    except ImportError:
        raise DataError(
            "Parquet needs pyarrow, which is not installed",
            where=WHERE,
            value=without_secrets(address),
            remedy='pip install "eventstudy-service[cluster]"',
        ) from None
    paths = tuple(given) or _paths(address)
    if not paths:
        raise DataError(
            "there is no table",
            where=WHERE,
            value=without_secrets(address),
            remedy="name a folder of some",
        )
    keys = tuple(part.partition("=")[0] for part in Path(paths[0]).parts[:-1] if "=" in part)
    with _reading(address):
        schema = _opened(address, paths, keys, "").schema
    table = of_frame(pd.DataFrame(columns=schema.names), WHERE, form)
    if shape_of(table) != "long":
        return None
    roles = table.roles()
    symbol = roles["symbol"]
    if not (pa.types.is_string(_plain(schema.field(symbol).type)) and "date" in roles):
        return None
    read = {roles[role] for role in WANTED if role in roles}
    columns = tuple(name for name in schema.names if name in read)
    return PriceFiles(address=address, paths=paths, keys=keys, symbol=symbol, columns=columns, form=form)


def tables_of(address: str) -> list[Path]:
    """The files of a folder or pattern on this machine, to be read as tables.

    Raises
    ------
    DataError
        When they are elsewhere.
    """
    if "://" in address:
        raise DataError(
            "files of an object store must be in the long form: symbol, date and close",
            where=WHERE,
            value=without_secrets(address),
            remedy="write them so, or fetch them and name a folder",
        )
    return [Path(path) for path in _paths(address)]


def _paths(address: str) -> tuple[str, ...]:
    """The Parquet files of a folder, a pattern or an address, in order."""
    if "://" in address:
        fs, path = _filesystem(address)
        found = fs.glob(path) if fs_magic(path) else fs.find(path)
        return tuple(sorted(found if fs_magic(path) else [name for name in found if name.endswith(SUFFIXES)]))
    if Path(address).is_dir():
        return tuple(sorted(str(path) for path in Path(address).rglob("*") if path.suffix.lower() in SUFFIXES))
    return tuple(sorted(glob.glob(address, recursive=True)))  # noqa: PTH207  # of patterns with folders in them


def fs_magic(path: str) -> bool:
    """Whether a path is a pattern."""
    return any(sign in path for sign in "*?[")


def _filesystem(address: str) -> tuple[Any, str]:
    try:
        import fsspec
    except ImportError:
        raise DataError(
            "an address needs fsspec, which is not installed",
            where=WHERE,
            value=without_secrets(address),
            remedy='pip install "eventstudy-service[cluster]"',
        ) from None
    try:
        found: tuple[Any, str] = fsspec.core.url_to_fs(address)
    except (ValueError, ImportError, OSError) as error:
        raise _unreadable(address, error) from None
    return found


@functools.lru_cache(maxsize=8)
def _opened(address: str, paths: tuple[str, ...], keys: tuple[str, ...], symbol: str) -> Any:
    """The files as one, whose footers are read once."""
    import pyarrow as pa
    import pyarrow.dataset as ds

    partitioning = ds.partitioning(pa.schema([(key, pa.string()) for key in keys]), flavor="hive") if keys else None
    filesystem = _filesystem(address)[0] if "://" in address else None
    found = functools.partial(
        ds.dataset, list(paths), format="parquet", partitioning=partitioning, filesystem=filesystem
    )
    schema = found().schema
    at = schema.get_field_index(symbol) if symbol else -1
    if at >= 0 and pa.types.is_dictionary(schema.field(at).type):  # which cannot be compared with text
        schema = schema.set(at, pa.field(symbol, pa.string()))
    return found(schema=schema)


def _plain(kind: Any) -> Any:
    """The type of what a column holds, however it is stored."""
    import pyarrow as pa

    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return pa.string() if pa.types.is_large_string(kind) or pa.types.is_string_view(kind) else kind


@contextlib.contextmanager
def _reading(address: str) -> Iterator[None]:
    """Say what pyarrow cannot read: files that are damaged, not there, or not of the types of the first."""
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
        raise _unreadable(address, error) from None


def _unreadable(address: str, error: Exception) -> DataError:
    said = (str(error).splitlines() or [type(error).__name__])[0]
    return DataError(
        f"cannot be read: {said}", where=WHERE, value=without_secrets(address), remedy="check the files and the address"
    )
