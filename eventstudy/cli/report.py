"""``eventstudy report``."""

from __future__ import annotations

import contextlib
import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from eventstudy.cli.common import config_option, emit_json, json_option, load_feeds, printable, progress, utc_now
from eventstudy.errors import InputError

if TYPE_CHECKING:
    from eventstudy.config.model import Config
    from eventstudy.events.gather import Gathered
    from eventstudy.records import Event
    from eventstudy.report.view import EventView

LANGUAGES = ("en-GB", "en-US", "de")


@click.command("report")
@click.argument("event_id", required=False)
@config_option
@click.option("--title", help="Headline of an announcement that is not in the settings.")
@click.option("--at", metavar="TIME", help='When it came out: "2023-03-17T07:00Z", or a date with --zone.')
@click.option("--between", nargs=2, metavar="TIME TIME", help="Earliest and latest time, when the minute is not known.")
@click.option("--zone", metavar="ZONE", help="IANA time zone of times written without one.")
@click.option(
    "--asset", "assets", multiple=True, metavar="NAME", help="Asset, or symbol of a source, to study; may be repeated."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the page there as well.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["html", "markdown", "text", "short", "json-ld"]),
    help="Print it in this form, or write it to --out: short has at most 280 characters.",
)
@click.option("--language", type=click.Choice(LANGUAGES), help="Of the page.  [default: that of the settings]")
@click.option(
    "--theme",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Folder of a theme.  [default: that of the settings]",
)
@click.option(
    "--check",
    "checked",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="PAGE",
    help="Say whether the database still gives this page, byte by byte.",
)
@click.option("--open", "is_opened", is_flag=True, help="Open the page in the browser.")
@click.option("--dry-run", is_flag=True, help="Show what would be asked and studied; touch nothing.")
@json_option
def command(
    event_id: str | None,
    config_path: Path,
    title: str | None,
    at: str | None,
    between: tuple[str, str] | None,
    zone: str | None,
    assets: tuple[str, ...],
    out: Path | None,
    form: str | None,
    language: str | None,
    theme: Path | None,
    checked: Path | None,
    is_opened: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Write the page of EVENT_ID from the database, or study an announcement given here.

    \b
    eventstudy report snb-floor-2015
    eventstudy report snb-floor-2015 --format markdown
    eventstudy report --check var/reports/snb-floor-2015.html
    eventstudy report --title "Xi to visit Russia" --at 2023-03-17T07:00Z --asset dollar-index --asset USDCNY
    """  # noqa: D301  # click wants the character itself
    if out is not None and not out.absolute().parent.is_dir():
        raise click.UsageError(f"--out: there is no folder {out.parent}.")
    if checked is not None:
        if event_id is not None or title is not None or form is not None or language is not None:
            raise click.UsageError("--check takes a page alone, which says itself what it is.")
        _check(config_path, checked, theme, as_json=as_json)
    is_ad_hoc = title is not None
    for is_wrong, words in (
        (
            (language or theme) and not (form or out or as_json),
            "--language and --theme need --out or --format: the page itself is as the settings say.",
        ),
        (form is not None and as_json, "give either --format or --json."),
        (is_ad_hoc == (event_id is not None), "give either EVENT_ID or --title with --at and --asset."),
        (
            is_ad_hoc and not ((at or between) and assets),
            "an announcement needs --at or --between, and at least one --asset.",
        ),
    ):
        if is_wrong:
            raise click.UsageError(words)
    config, event_id, gathered = _announced(config_path, event_id, title, (at, zone, assets, between))
    is_due = is_ad_hoc or _is_new(config.database, gathered.events, event_id)
    if dry_run:
        _show_plan(config, gathered.events if is_due else (), event_id, as_json=as_json)
        return
    exit_code = _study(config, gathered, event_id) if is_due else 0
    from eventstudy.database import reading
    from eventstudy.report.appearance import appearing
    from eventstudy.report.as_json import event_json
    from eventstudy.report.publish import publish_event
    from eventstudy.report.view import event_view

    connection = reading.connect(config.database)
    with contextlib.closing(connection):
        with appearing(config):
            page, _ = publish_event(connection, config.reports, event_id)
        with appearing(config, language=language or "", folder=theme):
            view = event_view(connection, event_id)
            printed = _in_form(form or "html", connection, view, page) if form or out else ""
            document = event_json(connection, event_id, view) if as_json else {}
    if out is not None:
        from eventstudy.atomic import put

        put(out, printed.encode())
        page = out
    if is_opened:
        click.launch(page.resolve().as_uri())
    if as_json:
        emit_json({"schema": "eventstudy.report/1", "page": str(page), **document})
    elif printed and out is None:
        click.echo(printed, nl=False)
    else:
        click.echo(printable(f"{view.word}. {view.lead}"))
        click.echo(f"\nReport: {page}")
    sys.exit(exit_code)


def _announced(
    config_path: Path,
    event_id: str | None,
    title: str | None,
    announcement: tuple[str | None, str | None, tuple[str, ...], tuple[str, str] | None],
) -> tuple[Config, str, Gathered]:
    """The settings, the event, and what is known of events.

    Parameters
    ----------
    config_path : Path
    event_id : str or None
    title : str or None
        Of an announcement that is not in the settings; then `event_id` is None.
    announcement : tuple of (at, zone, assets, between)
        What the options say of it.
    """
    from eventstudy.events.gather import Gathered

    config, gathered = load_feeds(config_path, ask=False)
    events = gathered.events
    if title is not None:
        at, zone, assets, between = announcement
        from eventstudy.events import releases
        from eventstudy.prices.at_hand import with_symbols

        config = with_symbols(config, assets, utc_now)
        event = _event(title, at, zone, assets, between)
        some = [*(e for e in events if e.kind == "context"), event]
        found = releases.near(config, some, taken={e.event_id for e in events})
        gathered.origins |= {release.event_id: ("releases", "") for release in found}
        events, event_id = (*some, *found), event.event_id
    assert event_id is not None  # one of both was given
    # not all of it: one event is at hand, and what feeds lack is a pass's to say
    fresh = {event_id, *gathered.origins}
    return config, event_id, Gathered(events=tuple(events), origins=gathered.origins, fresh=fresh, has_news=True)


def _in_form(form: str, connection: sqlite3.Connection, view: EventView, page: Path) -> str:
    from eventstudy.report import forms
    from eventstudy.report.page import render_event
    from eventstudy.report.schema_org import as_json_ld
    from eventstudy.store import read

    if form == "html":
        return render_event(connection, view.event_id)[0]
    if form == "json-ld":
        return as_json_ld(view, read.event(connection, view.event_id)) + "\n"
    made = {"markdown": forms.as_markdown_text, "text": forms.as_plain_text, "short": forms.as_short_text}
    return made[form](view, page.name)


def _check(config_path: Path, page: Path, theme: Path | None, *, as_json: bool) -> NoReturn:
    from eventstudy.config.load import load_config
    from eventstudy.report.check import check_page

    found = check_page(page, load_config(config_path), theme=theme)
    if as_json:
        said = {"kind": found.kind, "id": found.name, "is_same": found.is_same, "differences": found.sentences[1:]}
        emit_json({"schema": "eventstudy.check/1", "page": str(page), **said})
    else:
        for sentence in found.sentences:
            click.echo(printable(sentence))
    sys.exit(0 if found.is_same else 1)


def _event(
    title: str,
    at: str | None,
    zone: str | None,
    assets: tuple[str, ...],
    between: tuple[str, str] | None,
) -> Event:
    from eventstudy.events.build import ad_hoc

    try:
        title.encode()
    except UnicodeEncodeError:
        raise InputError(
            "is not valid UTF-8", where="--title", value=title, remedy="check the terminal's encoding"
        ) from None
    return ad_hoc(title, at or "", zone, assets, between)


def _show_plan(config: Config, events: Sequence[Event], event_id: str, *, as_json: bool) -> None:
    """What a pass would do; of an event that is stored, nothing."""
    from eventstudy.cli.run import planned, show_plan
    from eventstudy.database import reading
    from eventstudy.store import read

    if not events:
        with contextlib.closing(reading.connect(config.database)) as connection:
            read.event(connection, event_id)  # which names those that are nearly it
    show_plan(planned(config, events, [event_id]), as_json=as_json)


def _study(config: Config, gathered: Gathered, event_id: str) -> int:
    """Study one event; the code of the pass."""
    from jobs import nightly

    talk = progress()
    result = nightly.run(
        config, gathered.events, now=utc_now, trigger="report", only=[event_id], gathered=gathered, talk=talk
    )
    talk("")
    status, reason = result.outcomes[event_id]
    for line in (*([f"{status}: {reason}"] if reason else []), *result.troubles):
        click.echo(printable(line), err=True)
    return result.exit_code


def _is_new(database: Path, events: Sequence[Event], event_id: str) -> bool:
    """Whether an event of the settings was not studied yet."""
    if all(event.event_id != event_id or event.kind == "context" for event in events):
        return False
    if not database.is_file():
        return True
    from eventstudy.database import reading

    with contextlib.closing(reading.connect(database)) as connection:
        found = reading.rows(connection, "select status from events where event_id = ?", (event_id,))
    return not found or found[0]["status"] == "pending"
