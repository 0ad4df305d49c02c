"""``eventstudy events add``, ``import``, ``edit`` and ``retire``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from eventstudy.cli.common import config_option, emit_json, json_option, load_feeds, printable, table, utc_now
from eventstudy.errors import InputError

if TYPE_CHECKING:
    from eventstudy.config.feeds import FeedConfig
    from eventstudy.config.model import Config
    from eventstudy.store.by_hand import Change

F = TypeVar("F", bound=Callable[..., None])

dry_run_option = click.option("--dry-run", is_flag=True, help="Show what would be written and write nothing.")


def _fields(function: F) -> F:
    """The options that describe an event."""
    options = (
        click.option("--at", metavar="TIME", help='When it came out: "2023-03-17T07:00Z", or a date with --zone.'),
        click.option("--between", nargs=2, metavar="TIME TIME", help="Earliest and latest time."),
        click.option("--zone", metavar="ZONE", help="IANA time zone of times written without one."),
        click.option("--asset", "assets", multiple=True, metavar="NAME", help="Asset to study; may be repeated."),
        click.option("--kind", metavar="WORD", help="announcement, meeting, …; context is not studied."),
        click.option("--tag", "tags", multiple=True, metavar="TAG", help="May be repeated."),
        click.option("--claim", "claims", multiple=True, metavar="TEXT", help="Said of prices; may be repeated."),
        click.option("--url", metavar="URL", help="Source of the time."),
        click.option("--note", metavar="TEXT", help="What a reader should know."),
    )
    for option in reversed(options):
        function = option(function)
    return function


@click.command("add")
@click.argument("title")
@config_option
@click.option("--id", "event_id", metavar="ID", help="Its identity; made of the title and the time unless given.")
@_fields
@dry_run_option
@json_option
def add(title: str, config_path: Path, event_id: str | None, dry_run: bool, as_json: bool, **given: Any) -> None:
    """Add an announcement to the database; the next pass studies it.

    \b
    eventstudy events add "Xi to visit Russia" --at 2023-03-17T07:00Z --asset USDCNY --tag china
    """  # noqa: D301  # click wants the character itself
    from eventstudy.events.build import ad_hoc, from_options
    from eventstudy.events.items import Item
    from eventstudy.store import by_hand as hand
    from eventstudy.store.history import known_events

    _readable(title)
    raw = _raw(given)
    if event_id is None:
        at, between = given["at"] or "", given["between"] or None
        event_id = ad_hoc(title, at, given["zone"], given["assets"] or ("-",), between).event_id
    event = from_options({"id": event_id, "title": title, **raw})
    config, gathered = load_feeds(config_path, ask=False)
    hand.check_assets(config, event)
    if event_id in gathered.origins or event_id in known_events(config.database):
        remedy = "use `eventstudy events edit`, or give another --id"
        raise InputError("there is an event with this id", where="--id", value=event_id, remedy=remedy)
    changes = hand.compare([Item(event_id=event_id, event=event, place="by hand")], gathered, {})
    _finish(config, changes, dry_run, as_json)


@click.command("import")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@config_option
@click.option("--zone", metavar="ZONE", help="IANA time zone of times written without one.")
@click.option("--asset", "assets", multiple=True, metavar="NAME", help="For entries that name none; may be repeated.")
@click.option("--kind", default="announcement", show_default=True, metavar="WORD", help="For entries that name none.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Added to every entry; may be repeated.")
@click.option("--column", "columns", multiple=True, metavar="FIELD=NAME", help="A column that has another name.")
@dry_run_option
@json_option
def import_(
    file: Path | None,
    config_path: Path,
    zone: str | None,
    assets: tuple[str, ...],
    kind: str,
    tags: tuple[str, ...],
    columns: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
) -> None:
    """Read the announcements of a CSV, JSON or ICS FILE once; without a FILE, read every feed of the settings now.

    What is wrong in the file is named line by line and stops nothing else; the exit code is then 3. Reading a file
    again changes only what differs. Without FILE, feeds on the network are asked too.
    """
    from eventstudy.store import by_hand as hand
    from eventstudy.store.history import known_events

    config, gathered = load_feeds(config_path, ask=file is None)
    known = known_events(config.database)
    if file is None:
        problems = gathered.problems
        changes = hand.compare_feeds(config, gathered, known)
        _report(problems)
        if not dry_run:
            hand.write_feeds(config.database, gathered, utc_now())
        _show(changes, dry_run, as_json, config)
    else:
        reading = hand.read_file(file, _defaults(zone, assets, kind, tags, columns), config.assets, utc_now())
        problems = reading.problems
        _report(problems)
        _finish(config, hand.compare(reading.items, gathered, known), dry_run, as_json)
    sys.exit(3 if problems else 0)


@click.command("edit")
@click.argument("event_id")
@config_option
@click.option("--title", help="The new headline.")
@_fields
@dry_run_option
@json_option
def edit(event_id: str, config_path: Path, title: str | None, dry_run: bool, as_json: bool, **given: Any) -> None:
    """Change an event that was added by hand; its former version is kept, and the next pass studies it anew.

    An event of the settings or of a feed is changed where it is written.
    """
    from eventstudy.cli.events_read import find
    from eventstudy.events.items import Item
    from eventstudy.store import by_hand as hand
    from eventstudy.store.history import known_events

    if title is not None:
        _readable(title)
    config, gathered = load_feeds(config_path, ask=False)
    old, state = find(config, gathered, event_id)
    if state["origin"] not in ("added", "report"):
        where = state["place"] or state["origin"]
        raise InputError(
            f"this event belongs to {state['origin']}", where="EVENT_ID", value=event_id, remedy=f"edit it in {where}"
        )
    event = hand.edited(old, {"title": title, **_raw(given)})
    hand.check_assets(config, event)
    item = Item(event_id=event_id, event=event, place="by hand")
    _finish(config, hand.compare([item], gathered, known_events(config.database)), dry_run, as_json)


@click.command("retire")
@click.argument("event_id")
@config_option
@click.option("--reason", default="retired by hand", show_default=True, metavar="TEXT", help="Kept with the event.")
@click.option("--undo", is_flag=True, help="Let passes have it again.")
@dry_run_option
@json_option
def retire(event_id: str, config_path: Path, reason: str, undo: bool, dry_run: bool, as_json: bool) -> None:
    """Leave an event out of further passes; its results and its history stay. --undo takes it back."""
    from eventstudy.cli.events_read import find
    from eventstudy.store import by_hand as hand

    config, gathered = load_feeds(config_path, ask=False)
    event, state = find(config, gathered, event_id)
    is_news = bool(state["retired_at"]) == undo
    if not dry_run and undo:
        hand.take_back(config.database, event_id, utc_now())
    elif not dry_run and (is_news or state["retired_by"] == "feed"):
        hand.retire(config.database, event, gathered.origins.get(event_id), reason, utc_now())
    words = {
        (True, False): "retired",
        (True, True): "taken back",
        (False, False): "was retired already",
        (False, True): "was not retired",
    }
    if as_json:
        emit_json(
            {"schema": "eventstudy.retire/1", "event_id": event_id, "dry_run": dry_run, "what": words[is_news, undo]}
        )
    else:
        click.echo(f"{'would be: ' if dry_run else ''}{event_id}: {words[is_news, undo]}")


def _raw(given: dict[str, Any]) -> dict[str, Any]:
    """Options by the keys of an event in the settings; without those that were not given."""
    raw = {
        "announced_at": given["at"],
        "announced_between": given["between"],
        "zone": given["zone"],
        "assets": given["assets"],
        "kind": given["kind"],
        "tags": given["tags"],
        "claims": given["claims"],
        "url": given["url"],
        "note": given["note"],
    }
    return {name: value for name, value in raw.items() if value not in (None, ())}


def _defaults(
    zone: str | None, assets: tuple[str, ...], kind: str, tags: tuple[str, ...], columns: tuple[str, ...]
) -> FeedConfig:
    from pydantic import ValidationError

    from eventstudy.config.feeds import FeedConfig
    from eventstudy.config.load import in_words

    pairs = [column.partition("=") for column in columns]
    wrong = next((field + sign for field, sign, name in pairs if not (field and name)), None)
    if wrong is not None:
        raise click.BadParameter(f"{wrong!r} is not FIELD=NAME", param_hint="--column")
    raw = {
        "id": "import",
        "kind": "folder",
        "path": ".",
        "zone": zone,
        "assets": assets,
        "event_kind": kind,
        "tags": tags,
        "columns": {field: name for field, _, name in pairs},
    }
    try:
        return FeedConfig.model_validate(raw)
    except ValidationError as error:
        first = in_words(error, raw)[0]
        option = first.where.partition(".")[0].replace("event_", "").rstrip("s")
        raise InputError(first.problem, where=f"--{option}", value=first.value, remedy=first.remedy) from None


def _finish(config: Config, changes: list[Change], dry_run: bool, as_json: bool) -> None:
    from eventstudy.store import by_hand as hand

    if not dry_run:
        hand.write_changes(config.database, changes, utc_now())
    _show(changes, dry_run, as_json, config)


def _show(changes: list[Change], dry_run: bool, as_json: bool, config: Config) -> None:
    if as_json:
        emit_json(
            {
                "schema": "eventstudy.changes/1",
                "database": str(config.database),
                "dry_run": dry_run,
                "changes": [
                    {"event_id": c.item.event_id, "what": c.what, "detail": c.detail, "place": c.item.place}
                    for c in changes
                ],
            }
        )
        return
    rows = [(c.item.event_id, c.what, c.detail, c.item.place) for c in changes]
    click.echo(table(("event", "what", "detail", "place"), rows))
    if dry_run:
        click.echo("Nothing was written.", err=True)


def _report(problems: list[Any]) -> None:
    for problem in problems:
        for line in str(problem).splitlines():
            click.echo(printable(line), err=True)


def _readable(title: str) -> None:
    try:
        title.encode()
    except UnicodeEncodeError:
        raise InputError(
            "is not valid UTF-8", where="TITLE", value=title, remedy="check the terminal's encoding"
        ) from None
