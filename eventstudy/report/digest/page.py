"""The digest as a page: `digest.html` for the newest night, and one that stays for every date."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from eventstudy.database import reading
from eventstudy.report import publish, text
from eventstudy.report.digest.night import Digest, digest_of_day
from eventstudy.report.digest.text import headline, passes
from eventstudy.report.page import environment

NAME = "digest"


def publish_digest(database: Path, reports: Path) -> Path | None:
    """Render the digest of the newest day with news, and put it in place under both its names.

    Returns
    -------
    Path or None
        The page `digest.html`; None when there was no pass with news yet.
    """
    connection = reading.connect(database)
    try:
        digest = digest_of_day(connection)
    finally:
        connection.close()
    if digest is None:
        return None
    page = render_digest(digest, {path.stem for path in reports.glob("*.html")})
    publish.put(reports / f"{NAME}-{digest.night.date}.html", page)
    path = reports / f"{NAME}.html"
    publish.put(path, page)
    return path


def render_digest(digest: Digest, pages: Collection[str]) -> str:
    """The page: equal digests, equal bytes.

    Parameters
    ----------
    digest : Digest
    pages : collection of str
        Ids of the events that have a page to link to.
    """
    return (
        environment()
        .get_template("digest.html.j2")
        .render(
            digest=digest,
            date=text.day(digest.night.date, weekday=True),
            headline=text.capital(headline(digest)),
            passes=passes(digest),
            marks=text.VERDICT_MARKS,
            pages=frozenset(pages),
        )
    )
