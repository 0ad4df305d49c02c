"""The digest as plain text: for a mail, a terminal and a webhook."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from eventstudy.report import text
from eventstudy.report.digest import Digest
from eventstudy.report.digest_lines import Line

WIDTH = 78
# A mail is read on a telephone: of every list the first are reaction.
MOST = 10
HOW_IT_ENDED = {
    "ok": "all went well",
    "partial": "something was skipped or failed",
    "failed": "nothing could be studied",
    "interrupted": "it was stopped before its end; the next one does the rest",
}


def digest_text(digest: Digest) -> str:
    """Plain text, wrapped at 78 columns but for the first line, which serves as a subject."""
    return "\n".join(_lines(digest)).rstrip() + "\n"


def subject(digest: Digest) -> str:
    """One line."""
    return f"Event studies, {text.day(digest.night.date)}: {headline(digest)}"


def headline(digest: Digest) -> str:
    """What matters of the night, as a clause."""
    parts = [_many(digest.studied, "announcement") + " studied" if digest.studied else "nothing new studied"]
    if digest.clear:
        parts.append(_many(digest.clear, "clear reaction"))
    if digest.changed:
        parts.append(_many(len(digest.changed) + digest.more["changed"], "verdict") + " changed")
    if digest.collections:
        count = len(digest.collections) + digest.more["collections"]
        parts.append(_many(count, "collection") + " concluded anew")
    if digest.called_off:
        parts.append(_many(len(digest.called_off) + digest.more["called_off"], "announcement") + " taken out")
    if digest.moved:
        parts.append(_many(len(digest.moved) + digest.more["moved"], "announcement") + " moved")
    if digest.failed:
        parts.append(_many(len(digest.failed) + digest.more["failed"], "failure"))
    if digest.repaired:
        parts.append(_many(len(digest.repaired) + digest.more["repaired"], "repair"))
    return ", ".join(parts)


def passes(digest: Digest) -> str:
    """Which passes, when, and how they ended."""
    night = digest.night
    label = "Pass" if len(night.run_ids) == 1 else "Passes"
    numbers = text.listed([str(number) for number in night.run_ids])
    same_day = night.finished_at[:10] == night.date
    end = f"{night.finished_at[11:16]} UTC" if same_day else text.moment(night.finished_at)
    start = text.moment(night.started_at).removesuffix(" UTC")
    stopped = (
        f"{_many(night.stopped, 'pass', 'passes')} stopped before the end, with others after; " if night.stopped else ""
    )
    ended = "the announcements went well, something else did not"
    if night.status != "ok" or not digest.failed:
        ended = HOW_IT_ENDED[night.status]
    return f"{label} {numbers}, {start} to {end}: {stopped}{ended}."


def _lines(digest: Digest) -> Iterator[str]:
    yield subject(digest)
    yield from textwrap.wrap(passes(digest), WIDTH)
    if digest.reactions:
        yield from ("", "STUDIED, the clearest reaction first")
        for reaction in digest.reactions[:MOST]:
            yield from _item(
                f"{text.VERDICT_WORDS[reaction.verdict]}: {reaction.title} ({reaction.date})", reaction.sentences
            )
        yield from _rest(digest.studied - len(digest.reactions[:MOST]))
    if digest.changed:
        yield from ("", "VERDICTS THAT CHANGED")
        for change in digest.changed[:MOST]:
            yield from _item(f"{change.title} – {change.study}", (change.sentence, f"Because {change.why}."))
        yield from _rest(len(digest.changed[MOST:]) + digest.more["changed"])
    for title, name in (
        ("ON AVERAGE", "collections"),
        ("PRICES THAT A SOURCE REVISED", "revised"),
        ("CALLED OFF, or taken out", "called_off"),
        ("MOVED", "moved"),
        ("WHAT WENT WRONG", "failed"),
        ("WHAT GOES WELL AGAIN", "repaired"),
        ("STILL WITHOUT A RESULT", "without"),
        ("WAITING", "waiting"),
    ):
        lines: Sequence[Line] = getattr(digest, name)
        if lines:
            yield from ("", title)
            for line in lines[:MOST]:
                yield from _item(f"{line.title}: {line.reason}")
            yield from _rest(len(lines[MOST:]) + digest.more[name])


def _item(head: str, sentences: Sequence[str] = ()) -> Iterator[str]:
    # a long word, such as an address without a space, may stand out: broken it could not be used
    options = {"width": WIDTH, "break_long_words": False, "break_on_hyphens": False}
    yield from textwrap.wrap(head, initial_indent="* ", subsequent_indent="  ", **options)  # type: ignore[arg-type]  # a mixed dict
    if sentences:
        yield from textwrap.wrap(
            " ".join(sentences),
            initial_indent="  ",
            subsequent_indent="  ",
            **options,  # type: ignore[arg-type]  # a mixed dict
        )


def _rest(count: int) -> Iterator[str]:
    if count:
        yield f"  and {count:,} more"


def _many(count: int, noun: str, several: str | None = None) -> str:
    return f"{count:,} {noun if count == 1 else several or f'{noun}s'}"
