"""Bars in Parquet files: only the columns, the row groups and the symbols that a study needs are read."""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.errors import DataError
from eventstudy.records import Float64Array, Int64Array
from eventstudy.study.clock.table import (
    EARLIER,
    FIELDS,
    LATER,
    SYMBOLS_AT_ONCE,
    Rows,
    Span,
    ordered,
    read_starts,
)

ROWS_AT_ONCE = 8_000_000  # of a file in whose row groups symbols are mixed; some 0.5 GB
SUFFIXES = (".parquet", ".pq")
PARTITION = "symbol="  # how a folder that holds one symbol is called


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A row group of a file.

    Attributes
    ----------
    file, number, rows : int
    symbols : frozenset of str
    first, last : int or None
        First and last start, UTC nanoseconds, where the file says them.
    size : int
        Bytes of the columns that are read.
    """

    file: int
    number: int
    rows: int
    size: int
    symbols: frozenset[str]
    first: int | None
    last: int | None

    def is_needed(self, span: Span) -> bool:
        """Whether announcements in `span` may be studied by its bars."""
        if self.first is None or self.last is None:
            return True
        return self.last >= span[0] - EARLIER and self.first <= span[1] + LATER

    def is_earlier(self, span: Span) -> bool:
        """Whether it ends before all that is read for `span`."""
        return self.last is not None and self.last < span[0] - EARLIER


def bars_in(path: Path, where: str) -> ParquetBars | None:
    """The bars of a Parquet file, or of a folder of them; None where `path` is another thing."""
    return ParquetBars(path, where) if path.is_dir() or path.suffix.lower() in SUFFIXES else None


class ParquetBars:
    """Bars in a Parquet file or a folder of them, long or wide.

    Parameters
    ----------
    path : Path
        With the columns of the long form (a folder ``symbol=AAA`` stands for that column), or with starts and then a
        column of closes per symbol.
    where : str
        Names it in errors.

    Raises
    ------
    DataError
        When it cannot be read, or lacks a column.
    """

    def __init__(self, path: Path, where: str = "prices") -> None:
        try:
            import pyarrow as pa
            import pyarrow.parquet as pq
        except ModuleNotFoundError:
            raise DataError(
                "reading Parquet needs pyarrow", where=where, remedy="pip install 'eventstudy-service[parquet]'"
            ) from None
        self.warnings: list[str] = []
        self._where = where
        self._paths = [path]
        if path.is_dir():
            self._paths = sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES)
        if not self._paths:
            raise DataError("there is no Parquet file", where=where, remedy="name a file, or a folder of them")
        try:
            self._open = {number: _opened(pq, p) for number, p in enumerate(self._paths)}
        except (OSError, pa.ArrowInvalid) as error:
            raise DataError(f"not a readable Parquet file: {error}", where=where, remedy="check the file") from None
        names = self._file(0).schema_arrow.names
        self._is_long = "symbol" in names or self._named(0) is not None
        if self._is_long:
            lacks = [name for name in ("start", "close") if name not in names]
            if lacks:
                remedy = "columns are symbol, start, open … volume"
                raise DataError(f"there is no column {lacks[0]}", where=where, remedy=remedy)
        self._start = "start" if self._is_long else names[0]
        self._fields = tuple(name for name in FIELDS if name in names) if self._is_long else ()

    @cached_property
    def symbols(self) -> frozenset[str]:
        """Names of all symbols."""
        return frozenset().union(*(group.symbols for group in self._groups))

    @property
    def confirming(self) -> str:
        """Bars of files are confirmed by the setting."""
        return ""

    def at_once(self, span: Span) -> int:
        """Symbols whose bars are read together: more where every row group has many of them."""
        needed = [group for group in self._groups if group.is_needed(span)]
        if not self._is_long or all(len(group.symbols) == 1 for group in needed):
            return SYMBOLS_AT_ONCE
        each = sum(group.rows for group in needed) / max(len(self.symbols), 1)
        return max(SYMBOLS_AT_ONCE, int(ROWS_AT_ONCE / max(each, 1)))

    def rows(self, symbols: Sequence[str], span: Span) -> Iterator[tuple[str, Rows]]:
        """The rows of some symbols; of time, of which not more is read than announcements in `span` mostly need."""
        wanted = frozenset(symbols)
        parts: dict[str, list[tuple[Int64Array, dict[str, Float64Array]]]] = defaultdict(list)
        cut: set[str] = set()
        for group in self._groups:
            own = group.symbols & wanted
            if not own:
                continue
            if not group.is_needed(span):
                cut |= own if group.is_earlier(span) else frozenset()
                continue
            for symbol, starts, columns in self._read(group, own):
                parts[symbol].append((starts, columns))
        for symbol in symbols:
            if symbol in parts:
                found = parts.pop(symbol)
                starts = np.concatenate([part[0] for part in found])
                columns = {name: np.concatenate([part[1][name] for part in found]) for name in found[0][1]}
                yield symbol, ordered(symbol, starts, columns, self.warnings, self._where, is_cut=symbol in cut)

    @property
    def where(self) -> str:
        """Where they are needed."""
        n = len(self._paths)
        return f"read by the worker that needs them, out of {n:,} file{'s' * (n != 1)}"

    def part(self, symbols: AbstractSet[str]) -> ParquetBars:
        """No more than the row groups that some symbols are in; who gets it opens the files."""
        groups = tuple(group for group in self._groups if group.symbols & symbols)
        found = copy.copy(self)
        vars(found).update(warnings=[], symbols=frozenset(symbols), _open={}, _groups=groups)
        return found

    def read_for(self, runs: Sequence[tuple[Sequence[str], Span]]) -> int:
        """Bytes of the row groups that are read for some runs of symbols, each for its span."""
        return sum(
            group.size
            for symbols, span in runs
            for group in self._groups
            if not group.symbols.isdisjoint(symbols) and group.is_needed(span)
        )

    def sent_for(self, symbols: AbstractSet[str]) -> int:  # noqa: ARG002
        """None: who needs them reads the files."""
        return 0

    def digests(self, symbols: AbstractSet[str]) -> dict[str, str]:
        """Size of each file that has some symbols, and when it was changed: to hash them is to read everything."""
        files = sorted({group.file for group in self._groups if group.symbols & symbols})
        stats = {str(self._paths[f]): self._paths[f].stat() for f in files}
        return {name: f"{stat.st_size} bytes, changed at {stat.st_mtime_ns} ns" for name, stat in stats.items()}

    def _file(self, number: int) -> Any:
        """A file, opened once by each process."""
        if number not in self._open:
            import pyarrow.parquet as pq

            self._open[number] = _opened(pq, self._paths[number])
        return self._open[number]

    @cached_property
    def _groups(self) -> tuple[Group, ...]:
        return tuple(
            self._group(f, number)
            for f in range(len(self._paths))
            for number in range(self._file(f).metadata.num_row_groups)
        )

    def _named(self, file: int) -> str | None:
        """The symbol that the folder of a file is named by."""
        names = [part for part in self._paths[file].parts[:-1] if part.startswith(PARTITION)]
        return names[-1].removeprefix(PARTITION) if names else None

    def _group(self, f: int, number: int) -> Group:
        file = self._file(f)
        metadata = file.metadata.row_group(number)
        known = {
            column.path_in_schema: column.statistics
            for column in map(metadata.column, range(metadata.num_columns))
            if column.path_in_schema in ("symbol", self._start)
        }
        first = last = None
        if (starts := known.get(self._start)) is not None and starts.has_min_max:
            first, last = _nanoseconds(starts.min), _nanoseconds(starts.max)
        if not self._is_long:
            symbols = frozenset(file.schema_arrow.names[1:])
        elif (name := self._named(f)) is not None and "symbol" not in known:
            symbols = frozenset([name])
        else:
            symbols = self._symbols(file, number, known.get("symbol"))
        columns = map(metadata.column, range(metadata.num_columns))
        read = {"symbol", self._start, *self._fields} if self._is_long else None
        size = sum(c.total_compressed_size for c in columns if read is None or c.path_in_schema in read)
        return Group(file=f, number=number, rows=metadata.num_rows, symbols=symbols, first=first, last=last, size=size)

    @staticmethod
    def _symbols(file: Any, number: int, statistics: Any) -> frozenset[str]:
        """Symbols of a row group: the one that it says, or those that its column has."""
        if statistics is not None and statistics.has_min_max and statistics.min == statistics.max:
            return frozenset([str(statistics.min).strip()])
        column = file.read_row_group(number, columns=["symbol"])["symbol"]
        return frozenset(str(name).strip() for name in column.unique().to_pylist())

    def _read(self, group: Group, wanted: frozenset[str]) -> Iterator[tuple[str, Int64Array, dict[str, Float64Array]]]:
        """The bars of some symbols of a row group."""
        file = self._file(group.file)
        if not self._is_long:
            table = file.read_row_group(group.number, columns=[self._start, *sorted(wanted)])
            starts = self._starts(table[self._start])
            for symbol in sorted(wanted):
                yield symbol, starts, {"close": _floats(table[symbol])}
            return
        is_one = len(group.symbols) == 1
        table = file.read_row_group(
            group.number, columns=[*([] if is_one else ["symbol"]), self._start, *self._fields]
        ).combine_chunks()
        starts = self._starts(table[self._start])
        columns = {name: _floats(table[name]) for name in self._fields}
        if is_one:
            yield next(iter(group.symbols)), starts, columns
            return
        names = table["symbol"].combine_chunks()
        names = names if hasattr(names, "dictionary") else names.dictionary_encode()
        codes = names.indices.to_numpy()
        order = np.argsort(codes, kind="stable")
        ends = np.searchsorted(codes[order], np.arange(len(names.dictionary) + 1))
        for code, name in enumerate(names.dictionary.to_pylist()):
            symbol = str(name).strip()
            if symbol in wanted and ends[code + 1] > ends[code]:
                index = order[ends[code] : ends[code + 1]]
                yield symbol, starts[index], {field: values[index] for field, values in columns.items()}

    def _starts(self, column: Any) -> Int64Array:
        """UTC nanoseconds of the column of starts, which Parquet mostly has as instants."""
        import pyarrow as pa

        if pa.types.is_timestamp(column.type) and column.type.tz is not None and not column.null_count:
            instants: Int64Array = column.cast(pa.timestamp("ns", tz="UTC")).to_numpy().astype(np.int64)
            return instants
        return read_starts(column.to_pandas().rename("start"), self._where)


def _opened(pq: Any, path: Path) -> Any:
    """A file, whose symbols are read as numbers and their names."""
    found = pq.ParquetFile(path)
    names = found.schema_arrow.names
    return pq.ParquetFile(path, read_dictionary=["symbol"]) if "symbol" in names else found


def _floats(column: Any) -> Float64Array:
    found: Float64Array = column.to_numpy().astype(float, copy=False)
    return found


def _nanoseconds(value: Any) -> int | None:
    """UTC nanoseconds of a statistic of the column of starts; None where it is no instant."""
    try:
        stamp = pd.Timestamp(value)
    except (TypeError, ValueError):
        return None
    return int(stamp.tz_convert("UTC").as_unit("ns").value) if stamp.tzinfo is not None else None
