"""``eventstudy prices``: the archive of prices by hand."""

from __future__ import annotations

import datetime as dt
import sqlite3
import sys
from pathlib import Path
from typing import Any

import click

from eventstudy.cli.common import (
    NewFile,
    config_option,
    configured_database,
    db_option,
    emit_json,
    json_option,
    load,
    printable,
    progress,
    table,
    table_options,
    utc_now,
    written,
)
from eventstudy.errors import EventStudyError, InputError
from eventstudy.hints import nearest
from eventstudy.instants import parse

BARS = ("1d", "1h", "30m", "15m", "5m", "1m")
DAY = click.DateTime(formats=["%Y-%m-%d"])

source_option = click.option("--source", metavar="NAME", help="Source, where several have the symbol.")
bar_option = click.option("--bar", type=click.Choice(BARS), default="1d", show_default=True, help="Size of the bars.")
as_of_option = click.option("--as-of", metavar="TIME", help="What was known then: an instant with a zone, or a date.")


@click.group("prices")
def command() -> None:
    """Pull, show, import, export and verify the archived prices.

    The archive only ever grows: a price that its source changes is kept beside the new one, and --as-of shows what
    was known at any time.
    """


@command.command("pull")
@click.argument("names", nargs=-1, metavar="[ASSET|SOURCE:SYMBOL]...")
@config_option
@click.option("--from", "first", type=DAY, help="First day. [default: what the events need, else ten years back]")
@click.option("--to", "last", type=DAY, help="Last day. [default: today]")
@bar_option
@click.option("--dry-run", is_flag=True, help="Show what would be asked and touch nothing.")
@json_option
def pull_command(
    names: tuple[str, ...],
    config_path: Path,
    first: dt.datetime | None,
    last: dt.datetime | None,
    bar: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Fetch what is missing of the prices named, or of all that the events need.

    Days that an answer has settled are not asked for again.
    """
    from jobs import prices

    if first and last and first > last:
        raise click.UsageError(f"the range ends ({last:%Y-%m-%d}) before it starts ({first:%Y-%m-%d}); swap them")
    config, events = load(config_path)
    now = utc_now()
    span = (first.date() if first else None, last.date() if last else None)
    days = prices.wanted(config, events, names, span, now)
    if dry_run:
        asked = [(*key, str(a), str(b)) for *key, (a, b) in prices.plan(config.database, days, now, bar)]
        heads = ("source", "symbol", "from", "to")
        if as_json:
            rows = [dict(zip(heads, row, strict=True)) for row in asked]
            emit_json({"schema": "eventstudy.prices.plan/1", "bar": bar, "questions": rows})
        else:
            click.echo(table(heads, asked) if asked else "nothing is missing: no source would be asked")
        return
    talk = progress()
    faults, written = prices.pull_prices(config, days, now=utc_now, talk=talk, bar=bar)
    talk("")
    for fault in faults.values():
        click.echo(printable(str(fault)), err=True)
    replaced = [f"{source}: {why}" for source, why in faults.replaced.items() if source not in faults.silent]
    for line in replaced:
        click.echo(printable(line), err=True)
    if as_json:
        troubles = [
            {"source": f.source, "symbol": f.symbol, "problem": f.problem, "transient": f.transient}
            for f in faults.values()
        ]
        emit_json(
            {
                "schema": "eventstudy.prices.pull/1",
                "bar": bar,
                "series": len(days),
                "bars_written": written,
                "faults": troubles,
                "database": str(config.database),
            }
        )
    else:
        bars, ends = "bar" if written == 1 else "bars", "fault" if len(faults) == 1 else "faults"
        click.echo(f"{len(days)} series, {written} new or revised {bars}, {len(faults)} {ends}")
    sys.exit(max((fault.exit_code for fault in faults.values()), default=3 if replaced else 0))


@command.command("show")
@click.argument("symbol", metavar="ASSET|SYMBOL")
@config_option
@db_option
@source_option
@bar_option
@as_of_option
@click.option("--last", type=click.IntRange(min=1), default=20, show_default=True, help="Bars to show as a table.")
@json_option
def show_command(
    symbol: str,
    config_path: Path,
    database: Path | None,
    source: str | None,
    bar: str,
    as_of: str | None,
    last: int,
    as_json: bool,
) -> None:
    """Show the bars of a symbol, or of an asset of the settings.

    With what looks wrong in them, and what was rebased; with --json all of them.
    """
    from eventstudy.archive import read as archive_read

    moment = _moment(as_of)
    with archive_read.reading(database or configured_database(config_path)) as connection:
        found = archive_read.described(connection, _series(connection, config_path, symbol, source, bar), moment)
    if as_json:
        emit_json({"schema": "eventstudy.prices.show/1", **found})
        return
    shown = [{k: v for k, v in row.items() if v is not None} for row in found["bars"][-last:]]
    heads = [name for name in found["bars"][-1] if any(name in row for row in shown)]
    texts = ("session", "starts", "priced_at")
    rows = [[row.get(name) for name in heads] for row in shown]
    click.echo(table(heads, rows, right=[name for name in heads if name not in texts]))
    total = len(found["bars"])
    told = f"{found['source']}:{found['symbol']}, {total} bars of {bar}, {found['currency']}, {found['version']}"
    click.echo(printable(f"{told}; last answer {found['last_answer']}"), err=True)
    for mark in found["marks"][-last:]:
        left_out = "; left out of studies" if mark["left_out"] else ""
        click.echo(printable(f"{mark['session']}: {mark['rule']} ({mark['detail']}){left_out}"), err=True)
    for step in found["rebases"]:
        words = f"{step['first_session']} to {step['last_session']}: {step['field']} times {step['factor']:.6g}"
        click.echo(printable(f"{words}: {step['why']}"), err=True)


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True))
@click.option("--source", metavar="NAME", help="Name under which the prices are kept; always with a file.")
@click.option("--symbol", metavar="SYMBOL", help="What the source calls them; always with a file.")
@click.option("--currency", default="", help="Unit of the prices.")
@click.option("--calendar", metavar="NAME", help="Prices are closes of this calendar: ecb, fx, or a MIC such as XNYS.")
@click.option("--at", metavar="HH:MM", default="00:00", show_default=True, help="Else: 00:00 is the end of the day.")
@click.option("--zone", metavar="ZONE", default="UTC", show_default=True, help="Time zone of --at.")
@table_options
@config_option
@db_option
@click.option("--dry-run", is_flag=True, help="Check the file and touch nothing.")
@json_option
def import_command(
    file: Path,
    source: str | None,
    symbol: str | None,
    currency: str,
    calendar: str | None,
    at: str,
    zone: str,
    columns: dict[str, str],
    date_format: str,
    decimal: str | None,
    sheet: str,
    config_path: Path,
    database: Path | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Put a FILE of daily prices into the archive: CSV, Excel, Parquet or Stata.

    Columns: date, close, and any of open, high, low, volume, dividend, split, adjusted, priced_at (an instant).
    FILE may be the folder of what another version had, as the refusal of its database says.
    """
    from eventstudy.archive import exchange as archive_csv
    from jobs import prices

    where = database or configured_database(config_path)
    if file.is_dir():
        if dry_run or source or symbol:
            raise click.UsageError("a folder is brought in whole: leave --source, --symbol and --dry-run out")
        carried = prices.carry_over(where, file)
        if as_json:
            emit_json({"schema": "eventstudy.prices.carried/1", **carried, "database": str(where)})
        else:
            click.echo(", ".join(f"{count:,} {name}" for name, count in carried.items()))
        return
    if source is None or symbol is None:
        raise click.UsageError(f"Missing option '--{'source' if source is None else 'symbol'}'.")
    for option, name in (("--source", source), ("--symbol", symbol)):
        if not name.strip():
            raise InputError("must not be empty", where=option, value=name, remedy="name it")
    snapshot = archive_csv.read(
        file,
        source=source,
        symbol=symbol,
        currency=currency,
        clock=archive_csv.clock(calendar, at, zone),
        today=utc_now().date(),
        options=written(columns, date_format, decimal, sheet),
    )
    where = database or configured_database(config_path)
    count = None if dry_run else prices.put(where, snapshot, utc_now())
    if as_json:
        emit_json(
            {
                "schema": "eventstudy.prices.import/1",
                "source": source,
                "symbol": symbol,
                "bars": snapshot.sessions.size,
                "bars_written": count,
                "database": str(where),
            }
        )
    elif dry_run:
        click.echo(f"{snapshot.sessions.size} bars; nothing was written")
    else:
        click.echo(f"{snapshot.sessions.size} bars, {count} new or changed")


@command.command("export")
@click.argument("symbol", metavar="ASSET|SYMBOL")
@config_option
@db_option
@source_option
@as_of_option
@click.option("--output", type=NewFile(), help="File. [default: standard output]")
def export_command(
    symbol: str,
    config_path: Path,
    database: Path | None,
    source: str | None,
    as_of: str | None,
    output: Path | None,
) -> None:
    """Write daily bars as CSV; `eventstudy prices import` reads it back to the last digit."""
    from eventstudy.archive import exchange as archive_csv
    from eventstudy.archive import read as archive_read
    from eventstudy.report.cells import terms

    with archive_read.reading(database or configured_database(config_path)) as connection:
        key = _series(connection, config_path, symbol, source, "1d")
        editions = [{"source": key[0], "version": version} for version in archive_read.versions(connection, key)]
        text = archive_csv.written(archive_read.bars_of(connection, key, _moment(as_of)))
    if output is None:
        click.echo(text, nl=False)
    else:
        archive_csv.save(output, text)
        click.echo(str(output))
    for words in terms(editions):
        click.echo(words, err=True)


@command.command("verify")
@config_option
@db_option
@json_option
def verify_command(config_path: Path, database: Path | None, as_json: bool) -> None:
    """Prove that the archive holds what came; exit 1 when it does not, or contradicts its source.

    What merely looks odd, such as a session without a bar, is listed and no fault.
    """
    from eventstudy.archive import read as archive_read
    from eventstudy.archive import verify as archive_verify

    where = database or configured_database(config_path)
    calendars = archive_verify.calendars_of(load(config_path)[0]) if config_path.is_file() else {}
    with archive_read.reading(where) as connection:
        count = archive_read.count(connection)
        found = list(archive_verify.verify(connection, calendars))
    is_sound = not any(finding.is_broken for finding in found)
    if as_json:
        rows = [archive_verify.plain(finding) for finding in found]
        emit_json({"schema": "eventstudy.prices.verify/1", "is_sound": is_sound, **count, "findings": rows})
    else:
        heads = ("grade", "series", "check", "what")
        cells = [
            ("fault" if f.is_broken else "doubt", f"{f.source}:{f.symbol} {f.bar}".strip(": "), f.check, f.detail)
            for f in found
        ]
        if cells:
            click.echo(table(heads, cells))
        told = f"{count['series']} series, {count['snapshots']} answers, {count['bars']} bars"
        click.echo(f"{told}: {'sound' if is_sound else 'not what it should be'}", err=True)
    sys.exit(0 if is_sound else 1)


@command.command("revisions")
@click.argument("symbol", metavar="[ASSET|SYMBOL]", required=False)
@config_option
@db_option
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="Most rows to show.")
@json_option
def revisions_command(symbol: str | None, config_path: Path, database: Path | None, limit: int, as_json: bool) -> None:
    """What sources changed after the fact, when, and by how much; newest first."""
    from eventstudy.archive import read as archive_read

    with archive_read.reading(database or configured_database(config_path)) as connection:
        if symbol is not None and not archive_read.has(connection, symbol):
            symbol = _named(config_path, symbol)[1]
        found = archive_read.revisions(connection, symbol, limit)
    if as_json:
        emit_json({"schema": "eventstudy.prices.revisions/1", "revisions": found})
        return
    heads = ("fetched_at", "source", "symbol", "session", "what", "before", "after", "change")
    rows: list[list[Any]] = [[row[name] for name in heads] for row in found]
    click.echo(table(heads, rows, right=("before", "after", "change")) if rows else "no source has changed a price")


@command.command("doubts")
@click.argument("asset", required=False)
@config_option
@db_option
@json_option
def doubts_command(asset: str | None, config_path: Path, database: Path | None, as_json: bool) -> None:
    """List the prices in doubt, of ASSET or of all, on which no verdict rests; and those that a person confirmed.

    Mend a price at its source, or confirm it with `eventstudy prices confirm`.
    """
    from eventstudy.archive import read as archive_read
    from eventstudy.archive import verify as archive_verify
    from jobs import prices

    keys = prices.series_of(load(config_path)[0], asset, utc_now) if asset is not None else None
    calendars = archive_verify.calendars_of(load(config_path)[0]) if config_path.is_file() else {}
    with archive_read.reading(database or configured_database(config_path)) as connection:
        found = archive_read.doubts(connection, calendars, keys)
    if as_json:
        emit_json({"schema": "eventstudy.prices.doubts/1", "doubts": found})
        return
    heads = ("source", "symbol", "session", "flag", "what", "confirmed")
    rows = [
        (
            row["source"],
            row["symbol"],
            " to ".join(dict.fromkeys((row["first_session"], row["last_session"]))),
            row["flag"],
            f"{row['words']} ({row['detail']})",
            row["confirmed"] or "",
        )
        for row in found
    ]
    click.echo(table(heads, rows) if rows else "no price is in doubt")


@command.command("confirm")
@click.argument("asset")
@click.argument("when", metavar="DATE|START")
@bar_option
@click.option("--by", required=True, metavar="NAME", help="Who says that the price is right.")
@click.option("--reason", required=True, metavar="TEXT", help="Why: what you held it against.")
@config_option
@click.option("--dry-run", is_flag=True, help="Show what is in doubt there and write nothing.")
@json_option
def confirm_command(
    asset: str, when: str, bar: str, by: str, reason: str, config_path: Path, dry_run: bool, as_json: bool
) -> None:
    """Confirm that the price of ASSET (or SOURCE:SYMBOL) on DATE, which is in doubt, is right.

    With --bar that of a bar of an ASSET of the settings, named by its START: 2026-11-23T14:35:00Z.

    Name, time and reason are stored, and shown by every result that uses the price; the next pass studies what rests on
    it. When the source gives another price later, that is a new doubt.
    """
    from jobs import confirm_bar, prices

    for option, text in (("--by", by), ("--reason", reason)):
        if not text.strip():
            raise click.UsageError(f"{option} is empty")
    config, by, reason = load(config_path)[0], by.strip(), reason.strip()
    if bar == "1d":
        day = DAY.convert(when, None, None).date()
        if dry_run:
            found = prices.doubted(config, asset, day, utc_now())
        else:
            found = prices.confirm(config, asset, day, by=by, reason=reason, now=utc_now())
    else:
        try:
            start = parse(when)
        except ValueError:
            raise click.BadParameter(f"{when!r} is no instant with a zone; write 2026-11-23T14:35:00Z") from None
        if dry_run:
            found = confirm_bar.doubted_bar(config, asset, start, bar)
        else:
            found = confirm_bar.confirm_bar(config, asset, start, bar, by=by, reason=reason, now=utc_now())
    if as_json:
        emit_json({"schema": "eventstudy.prices.confirm/1", "dry_run": dry_run, "confirmed": found})
    else:
        for what in found:
            click.echo(f"{'would be confirmed' if dry_run else 'confirmed'}: {what}")


def _series(connection: sqlite3.Connection, config_path: Path, name: str, source: str | None, bar: str) -> Any:
    """The stored series of a symbol, of SOURCE:SYMBOL, or of an asset of the settings that has one."""
    from eventstudy.archive import read as archive_read

    try:
        return archive_read.find(connection, name, source, bar)
    except EventStudyError:
        origin, symbol = _named(config_path, name)
        if not origin:
            raise
        return archive_read.find(connection, symbol, source or origin, bar)


def _named(config_path: Path, name: str) -> tuple[str, str]:
    """Source and symbol of SOURCE:SYMBOL, or of an asset of the settings; no source where it is neither."""
    from eventstudy.config.load import load_config
    from eventstudy.prices.assets import entry_of, symbols_of

    origin, colon, symbol = name.partition(":")
    if colon:
        return origin, symbol
    config = load_config(config_path) if config_path.is_file() else None
    if config is None or (name not in config.assets and not nearest(name, config.assets)):
        return "", name
    entry_of(config, name)  # asks back about what is nearly an asset
    parts = sorted(symbols_of(config, name))
    if len(parts) > 1:
        some = ", ".join(f"{source}:{symbol}" for source, symbol in parts)
        raise InputError("it is made of several series", where="ASSET", value=name, remedy=f"name one of {some}")
    return parts[0]


def _moment(text: str | None) -> dt.datetime | None:
    if text is None:
        return None
    from eventstudy.archive import read as archive_read

    return archive_read.moment(text)
