"""``eventstudy init``."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import re
import shlex
import tempfile
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from eventstudy.cli.common import config_option, packaged_config, printable, table_options, utc_now, written
from eventstudy.errors import DataError, InputError, NoDataInRange, UnreadableFile

if TYPE_CHECKING:
    from eventstudy.events.items import Reading
    from eventstudy.prices.files import FileSource
    from eventstudy.prices.files_read import Sheet
    from eventstudy.tables.options import Options

# Columns and symbols that stand for a whole market; an index of Yahoo's begins with ^.
MARKETS = re.compile(r"\^.+|.+ Index|(mkt|market|benchmark|index|spx|sp ?500|dax|stoxx|msci)\b.*", re.IGNORECASE)
# What YAML reads as the same text without quotes.
BARE = re.compile(r"(?!(?:true|false|yes|no|on|off|null|y|n)$)[A-Za-z][A-Za-z0-9_./-]*", re.IGNORECASE)
YAHOO = "yahoo"
LONGEST = 80  # characters of the name of an asset
GAP = 15  # sessions between the estimation window and day 0
READ, EVER = 100, dt.date(1700, 1, 1)
MOST, LEAST = 120, 30  # sessions of an estimation window: in the rule, and with short tables
# What a column of an event's file may be called beside the names that every feed understands.
ALSO = {
    "id": ("title", "headline", "name", "event"),
    "title": ("headline", "name", "event", "id", "event_id"),
    "announced_at": ("date", "datetime", "timestamp", "time", "day", "datum"),
}

SETTINGS = """\
# eventstudy: settings, written by `eventstudy init`; `eventstudy init --check` checks them.
version: 1
database: var/eventstudy.db
reports: var/reports
# cluster: local:4              # who computes many studies: processes of this machine, or tcp://host:8786
# language: en-GB               # of pages and sentences; or en-US, de
# report: {{theme: theme}}        # a folder with colours, a logo and words of a house

# Where prices come from
sources:
{sources}
# What has a price; a title is the name as it stands in a sentence: {{source: …, title: the S&P 500}}
assets:
{assets}
# How a reaction is measured; the first study gives the headline. Windows are sessions, 0 is the first after the news
studies:
{studies}{feeds}
# queries: {{…}}                # saved queries, see docs/asking.md
# releases: [fomc, ecb]         # banks whose releases are on file and count as context; [] for none

{rest}"""

KEYS = {
    "files": """\
# shape: wide                   # a column per symbol; or long: a line per date and symbol
# columns: {date: Date}         # role: name of its column, where the name is not recognised
# date_format: day-first        # of dates such as 03/04/2023; or month-first, "%d.%m.%y"
# decimal: ","
# sheet: Prices                 # of a workbook
# bar: 1d
# close_time: "17:35"           # when the price of a date was taken; without it, the midnight that ends it
# currency: EUR
""",
    "yahoo": """\
# cache: var/cache              # time-zone cache of yfinance
# timeout: 10                   # seconds per request
# attempts: 4                   # how often a transient failure is tried in all
# pace: 0.5                     # seconds between two requests
# prepost: false                # true: bars of less than a day include pre- and post-market
# endpoint: http://localhost:8080   # send every request through a caching proxy
""",
}
STUDY = """\
- id: {id}
  title: {title}
  model: {model}
{benchmark}  returns: simple
  estimation: [{start}, -16]     # {length} sessions
  event_window: [-5, 5]
  windows: [[0, 0], [0, 1], [-1, 1], [-5, -1], [-5, 5]]
  min_estimation: {least}
"""
STUDY_KEYS = """\
  # factors: [A, B]             # of the models factor, ff3, carhart, ff5 and peer
  # missing: drop               # or lump
  # partial: drop               # of averages; or keep: windows with a part of their days count too
  # alternative: two-sided      # or greater, less
  # tests: [t, placebo]         # all when left out
  # alpha: 0.05
  # power: 0.8
  # seed: 0
  # draws: 999
  # lags: 1                     # of the model dimson, as leads and variant
  # leads: 1
  # variant: aggregated
"""
EVENTS = """\

# What was announced
# events:
#   - id: xi-visits-russia-2023
#     title: Xi to visit Russia
#     announced_at: "2023-03-17T07:00Z"     # or a date with zone:
#     assets: [{asset}]
# feeds:
#   - id: desk                  # a table, read before every pass; or kind json, ics, folder, yahoo-earnings
#     kind: csv
#     path: events.csv
#     zone: UTC                 # of times without one
"""


def _zone(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    try:
        return ZoneInfo(value).key
    except (KeyError, ValueError, OSError):
        from eventstudy.config.fields import zone_remedy

        raise click.BadParameter(f"unknown time zone {value!r}; {zone_remedy(value)}") from None


def _close_time(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    if value is not None and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        raise click.BadParameter(f"{value!r} is no time of day; write for example 17:35")
    return value


@click.command("init")
@click.argument("prices", required=False, type=click.Path(path_type=Path, exists=True))
@config_option
@click.option("--yahoo", default="", metavar="SYMBOLS", help="Symbols of Yahoo Finance: AAPL,^GSPC")
@click.option("--events", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="A table of events.")
@click.option("--benchmark", metavar="NAME", help="The market of the others.  [default: one that is called so]")
@click.option(
    "--zone",
    callback=_zone,
    default="UTC",
    show_default=True,
    metavar="ZONE",
    help="IANA zone of the dates in the files.",
)
@click.option(
    "--close-time",
    callback=_close_time,
    metavar="HH:MM",
    help="When the price of a date was taken.  [default: its last moment]",
)
@table_options
@click.option("--dry-run", is_flag=True, help="Print the settings and write nothing.")
@click.option("--check", is_flag=True, help="Write nothing; check the settings that there are, and their files.")
def command(
    prices: Path | None,
    config_path: Path,
    yahoo: str,
    events: Path | None,
    benchmark: str | None,
    zone: str,
    close_time: str | None,
    columns: dict[str, str],
    date_format: str,
    decimal: str | None,
    sheet: str,
    dry_run: bool,
    check: bool,
) -> None:
    """Write settings for prices and announcements of your own.

    PRICES is a table, or a folder of tables; symbols of Yahoo's need none.

    \b
    eventstudy init prices.csv --events events.csv
    eventstudy init --yahoo AAPL,MSFT,^GSPC
    """  # noqa: D301  # click wants the character itself
    if check:
        _check(config_path)
        return
    if prices is None and not yahoo:
        raise click.UsageError("give a file of prices, or --yahoo with symbols.")
    options = written(columns, date_format, decimal, sheet)
    found = [_of_file(prices, options, zone, close_time)] if prices else []
    found += [_of_yahoo(yahoo)] if yahoo else []
    assets = _assets(found)
    market, why = _market(assets, benchmark)
    others = [asset for asset in assets if asset != market]
    feed, reading = _feed(events, zone, assets, others) if events else ("", None)
    text = SETTINGS.format(
        sources="".join(source.yaml for source in found),
        assets="".join(asset.line for asset in assets),
        studies=_studies(market.name if market else None, min(source.before for source in found)),
        feeds=feed or EVENTS.format(asset=_scalar(others[0].name)),
        rest=_rest(),
    )
    _write(config_path, text, dry_run=dry_run)
    shown = config_path.name if config_path.parent == Path() else str(config_path)
    said = f"Wrote {shown}."
    if dry_run:
        click.echo(text, nl=False)  # by itself, so that it can be sent into a file
        said = f"{shown} is there already, and stays." if config_path.exists() else f"Would write {shown}."
    click.echo(printable(said), err=dry_run)
    for line in (*(line for source in found for line in source.said), *filter(None, [why])):
        click.echo(printable(f"  {line}"), err=dry_run)
    click.echo(_next_steps(config_path, found[0].day, others, reading), err=dry_run)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """A source of the settings: its lines, its symbols, what was seen, a day for news, and the sessions before it."""

    name: str
    yaml: str
    symbols: tuple[str, ...]
    said: tuple[str, ...]
    day: str = "2023-03-17"
    before: int = MOST


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asset:
    """An asset of the settings."""

    name: str
    source: str
    symbol: str
    title: str

    @property
    def line(self) -> str:
        parts = {"source": self.source, "symbol": self.symbol if self.symbol != self.name else "", "title": self.title}
        return f"  {_scalar(self.name)}: {_scalar({key: value for key, value in parts.items() if value})}\n"


def _of_file(path: Path, options: Options, zone: str, close_time: str | None) -> _Source:
    """Settings of a file, or of a folder of files, as its tables look."""
    import numpy as np

    from eventstudy.prices.factors import looks_like_factors
    from eventstudy.prices.files import FileSource
    from eventstudy.tables.content import unpack
    from eventstudy.tables.text import HEAD

    if path.is_file():
        content = unpack(path.read_bytes(), path.name)
        if content.kind == "text" and looks_like_factors(content.data[:HEAD]):
            return _of_factors(path, content.data)
    form = {key: getattr(options, key) for key in ("columns", "date_format", "decimal", "sheet")}
    source = FileSource(path=path, now=utc_now, voice="flag", **form)  # as a pass will read it
    sheets = source.sheets()
    symbols = tuple(dict.fromkeys(symbol for sheet in sheets for symbol in sheet.known))
    for sheet in sheets:
        _daily(sheet)
    _read(source, symbols)
    first, last = (min(s.stamps.days.min() for s in sheets), max(s.stamps.days.max() for s in sheets))
    settings: dict[str, object] = {"kind": "files", "path": str(path), "zone": zone}
    if close_time:
        settings["close_time"] = close_time
    settings |= {key: value for key, value in form.items() if value}
    lines = "".join(f"{key}: {_scalar(value)}\n" for key, value in settings.items())
    rest = "".join(f"{line}\n" for line in KEYS["files"].splitlines() if line[2:].split(":")[0] not in settings)
    shapes = {"wide": "a column per symbol", "long": "a line per date and symbol", "fields": "columns of one symbol"}
    if len(sheets) == 1 and len(symbols) > 1:
        shapes["fields"] = "a column per symbol and field"
    taken = f"at {close_time}" if close_time else "by the end of the day"
    taken = taken if all(sheet.stamps.are_dates for sheet in sheets) else "at the time beside its date,"
    said = (
        f"{path.name}: {shapes[sheets[0].shape]}, {len(symbols)} of them, {first} to {last}",
        *dict.fromkeys(note for sheet in sheets for note in sheet.notes),
        f"a price counts as taken {taken} in the zone {zone}; --zone and --close-time say otherwise",
    )
    yaml = "  files:\n" + textwrap.indent(lines + rest, "    ")
    days = np.unique(np.concatenate([s.stamps.days for s in sheets]))
    place = len(days) * 4 // 5
    return _Source(name="files", yaml=yaml, symbols=symbols, said=said, day=str(days[place]), before=place - GAP - 1)


def _of_factors(path: Path, data: bytes) -> _Source:
    """Settings of daily factors, each a price level; the market stands for all of them."""
    from eventstudy.prices.factors import read_factors

    table = read_factors(data, path.name)
    place = len(table.sessions) * 4 // 5
    said = (
        f"{path.name}: daily factors in Kenneth French's layout, {table.sessions[0]} to {table.sessions[-1]}",
        "each is a price level, taken at 16:00 in New York",
    )
    yaml = f"  factors:\n    kind: factors\n    path: {_scalar(str(path))}\n"
    day, before = str(table.sessions[place]), place - GAP - 1
    return _Source(name="factors", yaml=yaml, symbols=tuple(table.returns), said=said, day=day, before=before)


def _daily(sheet: Sheet) -> None:
    """Refuse bars of less than a day."""
    days = sheet.stamps.days
    if sheet.symbols is None and len(set(days.tolist())) < len(days):
        raise DataError(
            "several prices a day",
            where=sheet.name,
            value=str(days[0]),
            remedy="study bars of minutes with `eventstudy study --bar 5m`, or keep the last of each day",
        )


def _read(source: FileSource, symbols: Sequence[str]) -> None:
    """Refuse cells of prices that a pass could not read, of as many symbols as takes no time."""
    for symbol in symbols[:READ]:
        try:
            source.fetch(symbol, EVER, utc_now().date())
        except NoDataInRange:
            continue  # a column of blanks stops no other
        except UnreadableFile as error:
            raise error.__cause__ or error from None


def _of_yahoo(text: str) -> _Source:
    symbols = tuple(dict.fromkeys(filter(None, re.split(r"[\s,]+", text))))
    rest = textwrap.indent(KEYS["yahoo"], "    ")
    said = (f"yahoo: {', '.join(symbols)}; each is aligned by the calendar of its exchange",)
    return _Source(name=YAHOO, yaml=f"  {YAHOO}:\n    kind: yahoo\n{rest}", symbols=symbols, said=said)


def _assets(found: Sequence[_Source]) -> list[_Asset]:
    """An asset for each symbol, by a name of its own: the symbol, without the sign of an index where none is called so.

    What Yahoo's symbol stands for is its title, where that is known.
    """
    from eventstudy.gazetteer.tables import titles

    symbols = [(source.name, symbol) for source in found for symbol in source.symbols]
    known = {symbol for _, symbol in symbols}
    out: dict[str, _Asset] = {}
    for source, symbol in symbols:
        plain = symbol.lstrip("^")
        best = symbol if plain in known or not plain else plain
        tried = itertools.chain((best, f"{source}:{best}"), (f"{best[: LONGEST - 5]} {i}" for i in itertools.count(2)))
        name = next(name for name in (text[:LONGEST].strip() for text in tried) if name not in out)
        out[name] = _Asset(
            name=name, source=source, symbol=symbol, title=titles().get(symbol, "") if source == YAHOO else ""
        )
    return list(out.values())


def _market(assets: Sequence[_Asset], asked: str | None) -> tuple[_Asset | None, str]:
    """The benchmark, and how it was chosen."""
    from eventstudy.hints import hint

    symbols = [asset.symbol for asset in assets]
    if asked is not None:
        found = next((asset for asset in assets if asked in (asset.symbol, asset.name)), None)
        if found is None:
            remedy = hint(asked, symbols, f"known are {', '.join(symbols[:8])}")
            raise InputError("there is no such symbol", where="--benchmark", value=asked, remedy=remedy)
        return found, ""
    found = next((asset for asset in assets if MARKETS.fullmatch(asset.symbol)), None)
    if found is None or len(assets) == 1:
        return None, "no market among them: each is held against its own average; --benchmark names one"
    return found, f"{found.symbol} is taken for the market of the others; --benchmark names another"


def _studies(market: str | None, before: int) -> str:
    """Two studies, or one where there is no market; short tables get a short estimation window."""
    length = min(MOST, max(LEAST, before))
    window = {"start": -GAP - length, "length": length, "least": min(100, length)}
    total = {"id": "total", "title": "Total move, against the asset's own average day", "model": "constant-mean"}
    beyond = {"id": "relative", "title": "Move beyond the market's that day", "model": "market"}
    chosen = [(beyond, f"  benchmark: {_scalar(market)}\n")] if market else []
    out = [STUDY.format(**fields, **window, benchmark=line) for fields, line in (*chosen, (total, ""))]
    keys = (
        STUDY_KEYS if market else "  # benchmark: MARKET           # of the model market and most others\n" + STUDY_KEYS
    )
    return textwrap.indent(out[0] + keys + "".join(out[1:]), "  ")


def _feed(path: Path, zone: str, assets: Sequence[_Asset], others: Sequence[_Asset]) -> tuple[str, Reading]:
    """The feed of a file of events, read once to see that it can be."""
    from eventstudy.config.feeds import KINDS, FeedConfig
    from eventstudy.events import folder

    suffix = path.suffix.lower()
    kind = next((kind.name for kind in KINDS.values() if suffix in kind.suffixes), "csv")
    settings: dict[str, object] = {"id": "events", "kind": kind, "path": str(path), "zone": zone}
    if len(others) == 1 or kind == "ics":
        settings["assets"] = [others[0].name]
    if columns := _columns(path) if kind == "csv" else {}:
        settings["columns"] = columns
    reading = folder.read_file(path, FeedConfig.model_validate(settings), {asset.name for asset in assets}, utc_now())
    if not reading.items:
        remedy = "give a line of names, and rows"
        empty = InputError("holds no event", where="--events", value=str(path), remedy=remedy)
        raise next(iter(reading.problems), empty)
    lines = "".join(f"    {key}: {_scalar(value)}\n" for key, value in settings.items() if key != "id")
    return f"\n# Where the events are read from, before every pass\nfeeds:\n  - id: events\n{lines}", reading


def _columns(path: Path) -> dict[str, str]:
    """Field → column, for the fields that must be there and go by another name."""
    from eventstudy.config.fields import EVENT_FIELDS
    from eventstudy.events.csv_file import names_in
    from eventstudy.events.items import fields_of
    from eventstudy.tables.roles import spelt_alike

    heads = names_in(path)
    found = set(
        fields_of([head for head in heads if spelt_alike(head) in map(spelt_alike, EVENT_FIELDS)], {}, path.name)
    )
    if "earliest" in found or any(spelt_alike(head) == "eventid" for head in heads):
        found |= {"announced_at"} if "earliest" in found else {"id"}
    known = {spelt_alike(head): head for head in heads}
    columns: dict[str, str] = {}
    for name, words in ALSO.items():
        there = [known[word] for word in map(spelt_alike, words) if word in known]
        if name not in found and there:
            columns[name] = there[0]
    return columns


def _rest() -> str:
    """The sections of the shipped settings that are not written above, commented out."""
    parts = re.split(r"^(?=# --- )", packaged_config().read_text("utf-8"), flags=re.MULTILINE)
    chosen = [
        part for part in parts if re.match(r"# --- (What is averaged|When|What failed|A copy|Intraday|Who)", part)
    ]
    lines = "".join(chosen).splitlines()
    return "\n".join(line if line.startswith("#") or not line else f"# {line}" for line in lines) + "\n"


def _scalar(value: object) -> str:
    """A value in YAML, on one line."""
    if isinstance(value, str):
        return value if BARE.fullmatch(value) else json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(k)}: {_scalar(v)}" for k, v in value.items()) + "}"
    assert isinstance(value, (list, tuple))
    return "[" + ", ".join(map(_scalar, value)) + "]"


def _write(path: Path, text: str, *, dry_run: bool) -> None:
    """Write settings that are right, and only where there are none."""
    from eventstudy.config.load import load_config

    with tempfile.TemporaryDirectory(dir=None if dry_run else path.parent) as folder:
        new = Path(folder) / path.name
        new.write_text(text, encoding="utf-8")
        load_config(new, {})
        if dry_run:
            return
        try:
            path.hardlink_to(new)
        except FileExistsError:
            found = True
        else:
            found = False
    if found:
        remedy = "give --config another name, or move the file; `eventstudy init --check` checks it"
        raise InputError("there are settings already", where="--config", value=str(path), remedy=remedy)


def _next_steps(config: Path, day: str, others: Sequence[_Asset], reading: Reading | None) -> str:
    named = "" if config == Path("config.yaml") else f" --config {shlex.quote(str(config))}"
    if reading is not None:
        wrong = [f"  {problem}" for problem in reading.problems[:5]]
        count = f"  {len(reading.items)} announcements, {len(reading.problems)} lines that cannot be read"
        return "\n".join([printable(line) for line in (count, *wrong)] + [f"Next:\n  eventstudy run{named}"])
    # the riskless rate among factors has no variance to hold a move against
    asset = next((asset.name for asset in others if asset.symbol != "RF"), others[0].name)
    what = f'--title "What was announced" --at {day} --zone UTC --asset {shlex.quote(asset)}'
    return f"Next:\n  eventstudy report{named} {what}"


def _check(path: Path) -> None:
    """Settings, feeds and files, each with what is wrong with it."""
    from eventstudy.config.load import load_config
    from eventstudy.prices.files import open_files
    from eventstudy.store.sync import gather

    config = load_config(path)
    wrong: list[str] = []
    for name, source in config.sources.items():
        if source.kind == "files":
            try:
                files = open_files(name, source, utc_now)
                _read(
                    files, [symbol for sheet in files.sheets() for symbol in sheet.known] if source.bar == "1d" else ()
                )
            except (DataError, OSError) as error:
                wrong.append(f"sources.{name}: {error}")
    gathered = gather(config, utc_now(), file=path.name, ask=False)
    wrong += [str(problem) for problem in gathered.problems]
    if wrong:
        raise InputError("\n".join(wrong))
    held = {
        ("source", "sources"): len(config.sources),
        ("asset", "assets"): len(config.assets),
        ("study", "studies"): len(config.studies),
        ("event", "events"): len(gathered.events),
    }
    counts = ", ".join(f"{n} {one if n == 1 else more}" for (one, more), n in held.items())
    click.echo(printable(f"{path}: {counts}; nothing is wrong."))
