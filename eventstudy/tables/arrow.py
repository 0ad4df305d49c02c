"""Tables of other libraries, in and out: polars, pyarrow and whatever else exports the Arrow C stream."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, Protocol, cast

import pandas as pd

from eventstudy.errors import DataError, InputError
from eventstudy.tables.table import Table
from eventstudy.tables.write import MINUTES_OR_WORDS

Frames = Literal["pandas", "polars", "arrow"]


class ArrowTable(Protocol):
    """What exports the Arrow C stream: a polars DataFrame, a pyarrow Table, a DuckDB relation and others."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...


def taken(given: object, where: str) -> pd.DataFrame | Table:
    """A table of any library as pandas has it; frames of pandas, and tables of ours, as they are.

    Parameters
    ----------
    given : DataFrame, Table or ArrowTable
    where : str
        Names it in errors.

    Raises
    ------
    DataError
        When it is no table.
    InputError
        When pyarrow is not installed, which reads the stream.
    """
    if isinstance(given, (pd.DataFrame, Table)):
        return given
    if not hasattr(given, "__arrow_c_stream__"):
        remedy = "give a frame of pandas or polars, or a table of pyarrow; `.collect()` a lazy one, read a file first"
        raise DataError("not a table", where=where, value=type(given).__name__, remedy=remedy)
    pa = _library("pyarrow", f"{where}: a table of {type(given).__module__.partition('.')[0]}")
    table = pa.table(given)
    for i, field in enumerate(table.schema):
        if pa.types.is_decimal(field.type):
            table = table.set_column(i, field.name, table.column(i).cast(pa.float64()))
    frame = cast("pd.DataFrame", table.to_pandas(date_as_object=False))
    # categories are texts like others
    return frame.astype({name: object for name, kind in frame.dtypes.items() if isinstance(kind, pd.CategoricalDtype)})


def giver(frames: Frames) -> Callable[[pd.DataFrame], Any]:
    """What makes a frame of that library of one of pandas; there null is what pandas has as NaN or NaT.

    Raises
    ------
    InputError
        When there is no such library, or it is not installed.
    """
    if frames == "pandas":
        return lambda frame: frame
    if frames not in ("polars", "arrow"):
        raise InputError("unknown frames", where="frames", value=frames, remedy="use pandas, polars or arrow")
    polars = _library("polars", f"frames={frames!r}") if frames == "polars" else None  # whose extra brings pyarrow too
    pa = _library("pyarrow", f"frames={frames!r}")
    if polars is None:
        return lambda frame: pa.Table.from_pandas(_plain(frame), preserve_index=False)
    return lambda frame: polars.from_arrow(pa.Table.from_pandas(_plain(frame), preserve_index=False))


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Columns of one kind each."""
    mixed = {
        name: frame[name].map(str, na_action="ignore")
        for name in MINUTES_OR_WORDS.intersection(frame.columns)
        if pd.api.types.infer_dtype(frame[name], skipna=True).startswith("mixed")
    }
    return frame.assign(**mixed)


def _library(name: str, what: str) -> Any:
    try:
        return __import__(name)
    except ModuleNotFoundError:
        extra = {"pyarrow": "parquet"}.get(name, name)
        raise InputError(
            f"{what} needs {name}, which is not installed", remedy=f'pip install "eventstudy-service[{extra}]"'
        ) from None
