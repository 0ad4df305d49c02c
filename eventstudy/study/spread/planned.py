"""The plan of a study in parts: exact of prices that are held, and by the footers of files otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from eventstudy.records import Int64Array
from eventstudy.registry.models import MODELS
from eventstudy.spec import StudySpec
from eventstudy.study.many import wants_placebos
from eventstudy.study.options import StudyOptions
from eventstudy.study.placing import rows_of
from eventstudy.study.prepared import prepared
from eventstudy.study.spread.filed import FILES, in_runs, may_stay, names_of, symbols_in
from eventstudy.study.spread.layout import layout
from eventstudy.study.spread.parquet import Group, PriceFiles
from eventstudy.study.spread.plan import Plan, PlannedPart, of_events, tests_by_reading
from eventstudy.study.spread.prices import HeldPrices, columns_of, cuts_of
from eventstudy.study.spread.run import task_of
from eventstudy.study.spread.workers import Here, count_of
from eventstudy.tables.table import Table

NUMBER = 8  # bytes


def planned(
    prices: pd.DataFrame | Table | PriceFiles,
    events: pd.DataFrame | Table,
    spec: StudySpec,
    asked: StudyOptions,
    cluster: str | None,
    *,
    is_light: bool = False,
) -> Plan:
    """What a study would do; of prices that stay in files the footers are read, and the symbols.

    Raises
    ------
    InputError
        As the study itself.
    """
    n_workers = count_of(cluster)
    if isinstance(prices, PriceFiles) and may_stay(asked):
        where = f"read by the worker that needs them, out of {len(prices.paths):,} files"
        looks, surveyed, parts, n_regressors = _of_files(prices, events, spec, asked, n_workers)
    else:
        prices = prices.read() if isinstance(prices, PriceFiles) else prices
        where, looks, surveyed = "read by this process, which sends columns of them", 0, 0
        parts, n_regressors = _of_tables(prices, events, spec, asked, n_workers)
    n, tests = sum(part.events for part in parts), tests_by_reading(spec)
    return Plan(
        where="this process" if cluster is None else cluster,
        workers=n_workers,
        prices=where,
        looks=looks,
        surveyed=surveyed,
        parts=parts,
        back=n * bytes_of_event(spec, n_regressors, n, is_light=is_light),
        met=n * spec.estimation.length * NUMBER,
        told=len(parts),
        sums=len(parts) * (len(tests["sums"]) + 1) * len(spec.windows),
        tests=tests,
    )


def bytes_of_event(spec: StudySpec, n_regressors: int, n: int, *, is_light: bool = False) -> int:
    """What comes back of one of `n` events: the arrays of ``Brief``."""
    days, k, windows = spec.event_window.length, n_regressors + 1, len(spec.windows)
    numbers = 7 + k + 2 * days + 5 * windows
    if not is_light:
        numbers += k * k + days * (4 + k)
    if wants_placebos(spec, n):
        numbers += 2 * windows * spec.estimation.length
    return NUMBER * numbers + windows


def _of_tables(
    prices: pd.DataFrame | Table, events: pd.DataFrame | Table, spec: StudySpec, asked: StudyOptions, n_workers: int
) -> tuple[tuple[PlannedPart, ...], int]:
    """Parts, and the number of regressors."""
    study = prepared(prices, events, spec, asked)
    task = task_of(study.spec, study.settings, study.usable.size)
    source, placed = HeldPrices(study.market), study.placed
    found = []
    for cut in cuts_of(task, source, placed, study.usable, n_workers, None):
        rows = study.usable[cut]
        columns = columns_of(task, study.market, placed, rows)
        ids, assets = [placed.event_ids[i] for i in rows.tolist()], [placed.assets[i] for i in rows.tolist()]
        cells = study.market.sessions.size * columns.size
        of_prices = cells * (NUMBER if study.market.levels is None else 2 * NUMBER + 1)
        sent = of_prices + of_events(ids, assets)
        found.append(PlannedPart(events=rows.size, columns=columns.size, read=0, sent=sent))
    return tuple(found), _regressors(study.spec, len(study.market.names))


def _of_files(
    files: PriceFiles, events: pd.DataFrame | Table, spec: StudySpec, asked: StudyOptions, n_workers: int
) -> tuple[int, int, tuple[PlannedPart, ...], int]:
    """Calls and bytes of the first look; parts as if every event had a place; and the number of regressors."""
    groups = list(files.groups())
    wanted, needed = names_of(events, spec, asked)
    raw = symbols_in(files, wanted, needed, Here())
    runs = in_runs(raw)
    surveyed = sum(_bytes(groups, raw, run) for run in runs)
    rows = rows_of(events)[1]
    texts = rows[["event_id", "asset"]].astype(str)
    texts["asset"] = texts["asset"].str.strip()
    texts["benchmark"] = rows["benchmark"].astype(str).str.strip() if "benchmark" in rows.columns else ""
    texts = texts[texts["asset"].isin(list(raw))].sort_values("asset", kind="stable")
    columns: Int64Array = np.asarray(pd.factorize(texts["asset"])[0], dtype=np.int64)
    is_bound = np.full(columns.size, asked.mask_events or asked.delisting_return is not None)
    parts = []
    for cut in layout(columns, n_workers, None, is_bound):
        some = texts.iloc[cut]
        own = {*some["asset"], *some["benchmark"], *(raw if wanted is None else needed)}.intersection(raw)
        read = _bytes(groups, raw, own)
        sent = of_events(some["event_id"].tolist(), some["asset"].tolist())
        parts.append(PlannedPart(events=len(some), columns=len(own), read=read, sent=sent))
    looks = len(runs) + -(-len(files.paths) // FILES)
    return looks, surveyed, tuple(parts), _regressors(spec, len(raw))


def _bytes(groups: Sequence[Group], raw: Mapping[str, Sequence[str]], names: Iterable[str]) -> int:
    """Bytes of the row groups that are read for some assets."""
    ordered = sorted(symbol for name in names for symbol in raw[name])
    return sum(group.size for group in groups if group.is_read_for(ordered))


def _regressors(spec: StudySpec, n_names: int) -> int:
    """Number of what explains an event."""
    kind = MODELS[spec.model].regressors
    if kind == "benchmark":
        return 1
    return n_names - 1 if kind == "peers" and not spec.factors else len(spec.factors)
