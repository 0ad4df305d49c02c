"""The digest as plain text: for a mail, a terminal and a webhook."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from eventstudy.report import text
from eventstudy.report.digest.lines import Line
from eventstudy.report.digest.night import Digest
from eventstudy.report.words import say

WIDTH = 78
# A mail is read on a telephone: of every list the first are reaction.
MOST = 10
# What is listed below the studied announcements and the verdicts that changed.
LISTS = ("collections", "revised", "called_off", "moved", "failed", "repaired", "without", "waiting")
COUNTED = ("changed", "collections", "called_off", "moved", "failed", "repaired")


def digest_text(digest: Digest) -> str:
    """Plain text, wrapped at 78 columns but for the first line, which serves as a subject."""
    return "\n".join(_lines(digest)).rstrip() + "\n"


def subject(digest: Digest) -> str:
    """One line."""
    return say("digest.subject", date=text.day(digest.night.date), headline=headline(digest))


def headline(digest: Digest) -> str:
    """What matters of the night, as a clause."""
    parts = [_many("studied", digest.studied) if digest.studied else say("digest.nothing_studied")]
    if digest.clear:
        parts.append(_many("clear", digest.clear))
    counts = ((name, len(getattr(digest, name))) for name in COUNTED)
    parts += [_many(name, n + digest.more[name]) for name, n in counts if n]
    return ", ".join(parts)


def passes(digest: Digest) -> str:
    """Which passes, when, and how they ended."""
    night = digest.night
    numbers = text.listed([str(number) for number in night.run_ids])
    same_day = night.finished_at[:10] == night.date
    end = say("digest.end", time=night.finished_at[11:16]) if same_day else text.moment(night.finished_at)
    start = text.moment(night.started_at).removesuffix(" UTC")
    ended = say("digest.ended.beside" if night.status == "ok" and digest.failed else f"digest.ended.{night.status}")
    if night.status == "failed" and digest.studied:
        ended = say("digest.ended.failed_some", n=digest.studied, count=f"{digest.studied:,}")
    if night.stopped:
        ended = say("digest.stopped", n=night.stopped) + ended
    return say("digest.passes", n=len(night.run_ids), numbers=numbers, start=start, end=end, ended=ended)


def _lines(digest: Digest) -> Iterator[str]:
    yield subject(digest)
    yield from textwrap.wrap(passes(digest), WIDTH)
    if digest.reactions:
        yield from ("", say("digest.text.reactions"))
        for reaction in digest.reactions[:MOST]:
            said = {"title": reaction.title, "date": reaction.date}
            head = say("digest.reaction", verdict=text.verdict_word(reaction.verdict), **said)
            yield from _item(head, reaction.sentences)
        yield from _rest(len(digest.reactions[MOST:]) + digest.more["reactions"])
    if digest.changed:
        yield from ("", say("digest.text.changed"))
        for change in digest.changed[:MOST]:
            head = say("digest.change", title=change.title, study=change.study)
            yield from _item(head, (change.sentence, say("digest.because", why=change.why)))
        yield from _rest(len(digest.changed[MOST:]) + digest.more["changed"])
    for name in LISTS:
        lines: Sequence[Line] = getattr(digest, name)
        if lines:
            yield from ("", say(f"digest.text.{name}"))
            for line in lines[:MOST]:
                yield from _item(say("digest.item", title=line.title, reason=line.reason))
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
        yield f"  {say('digest.more', count=f'{count:,}')}"


def _many(name: str, n: int) -> str:
    return say(f"digest.{name}", n=n, count=f"{n:,}")
