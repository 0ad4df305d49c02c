"""Claims put to the archive: which asset, which day, and what all parts of a claim come to."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from eventstudy.claims import words
from eventstudy.claims.assets import Candidate, candidates, names_of, stored_assets
from eventstudy.claims.claim import Claim
from eventstudy.claims.consistent import contradiction
from eventstudy.claims.course import check_course
from eventstudy.claims.finding import NOT_SUPPORTED, SUPPORTED, UNCHECKED, Answer, Checked, Finding, opposite, together
from eventstudy.claims.grammar import find_claims
from eventstudy.claims.levels import check_level
from eventstudy.claims.moves import check_move
from eventstudy.claims.prices import Prices, Reader
from eventstudy.claims.question import Question
from eventstudy.claims.reaction import of_reaction
from eventstudy.claims.superlative import check_superlative
from eventstudy.database.reading import Row
from eventstudy.errors import CannotEstimate, SourceError
from eventstudy.instants import parse
from eventstudy.store import claims as store

PARTS: tuple[Callable[[Question], Finding | None], ...] = (check_move, check_level, check_course, check_superlative)
NEAR = 5  # sessions among which a weekday is looked for


class Checker:
    """Checks claims about one event.

    Parameters
    ----------
    connection : sqlite3.Connection
    event : Row
        Of the table `events`; `event_id` None for one that is not stored.
    chosen : str, optional
        The asset that claims speak of which name none.
    as_of : datetime, optional
        Prices as they were known then; now when None.
    reader : Reader, optional
        Prices that were read for other events already.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        event: Row,
        *,
        chosen: str | None = None,
        as_of: dt.datetime | None = None,
        reader: Reader | None = None,
    ) -> None:
        self.connection, self.event, self.chosen = connection, event, chosen
        self.reader = reader or Reader(connection, stored_assets(store.assets(connection)), as_of)
        self.assets = self.reader.assets
        self.own = [name for name in event["asset_names"] if name in self.assets]
        self.find = names_of(self.assets, self.own)

    def check(self, text: str) -> list[Checked]:
        """Every claim of a text with its answer; one that says that there is none, where none is found."""
        found = [self.check_claim(claim) for claim in find_claims(text, self.find)]
        return found or [Checked(claim=None, text=text, answer=UNCHECKED, because=words.NO_CLAIM)]

    def check_claim(self, claim: Claim) -> Checked:
        """One claim with its answer."""
        blank = Checked(claim=claim, text=claim.text, answer=UNCHECKED, because="")
        trouble = claim.trouble
        if trouble:
            return replace(blank, because=f"{words.capital(trouble)}.")
        found = candidates(claim, self.assets, self.own, chosen=self.chosen)
        if not found:
            return replace(blank, because=words.no_asset(claim))
        if trouble := contradiction(claim, found[0]):
            return replace(blank, because=trouble)
        answers = [self._of_candidate(claim, candidate, blank) for candidate in found]
        best = [a for a in answers if not a.is_proxy] or answers
        of_event = [a for a in best if a.asset in self.own] or best
        decided = [a for a in of_event if a.answer != UNCHECKED]
        if len({a.answer for a in decided}) > 1:
            because = words.disagree(decided[0].because, decided[1].because)
            return replace(decided[0], answer=UNCHECKED, because=because)
        return (decided or of_event)[0]

    def _of_candidate(self, claim: Claim, candidate: Candidate, blank: Checked) -> Checked:
        """What one asset says: on each day that the news may have come on, which must be of one mind."""
        name = candidate.asset.name
        title = candidate.asset.title or name
        try:
            prices = self.reader.prices(name)
        except (SourceError, CannotEstimate) as error:
            return replace(blank, asset=name, because=f"{words.capital(str(error))}.")
        earliest, latest = parse(self.event["earliest"]), parse(self.event["latest"])
        main = prices.day_after(parse(self.event["announced_at"]))
        places = dict.fromkeys((main, prices.day_after(earliest), prices.day_after(latest)))
        days = dict.fromkeys(_named_day(prices, place, claim.weekday) for place in places)
        answers = []
        for place in days:
            if not 0 <= place < prices.sessions.size:
                when = "after the announcement, so far" if place >= prices.sessions.size else "that day"
                answers.append(replace(blank, asset=name, because=words.no_prices(title, when)))
                continue
            question = Question(
                claim=claim,
                candidate=candidate,
                prices=prices,
                place=place,
                announced=parse(self.event["announced_at"]),
                reader=self.reader,
            )
            answers.append(self._of_day(question, blank, is_first_day=place in places))
        if len({a.answer for a in answers}) > 1:
            because = f"{words.ON_BOTH_DAYS} {answers[0].because} {answers[1].because}"
            return replace(answers[0], answer=UNCHECKED, because=because)
        return answers[0]

    def _of_day(self, q: Question, blank: Checked, *, is_first_day: bool) -> Checked:
        """What the prices of one day say."""
        claim, candidate = q.claim, q.candidate
        if trouble := _counted_from_elsewhere(q):
            findings = [Finding(part="claim", answer=UNCHECKED, because=trouble)]
        elif q.doubt:
            findings = [Finding(part="claim", answer=UNCHECKED, because=words.in_doubt(q.doubt))]
        else:
            findings = [finding for part in PARTS if (finding := part(q)) is not None]
        answer: Answer = together([found.answer for found in findings])
        leading = _leading(claim)
        findings.sort(key=lambda finding: (finding.answer != answer, finding.part != leading))
        because = " ".join(dict.fromkeys(finding.because for finding in findings if finding.answer == answer))
        if claim.is_negated:
            answer = opposite(answer)
            because = f"{because} {words.NEGATED}" if answer != UNCHECKED else because
        row = store.reaction(self.connection, self.event["event_id"], candidate.asset.name)
        reaction, reaction_because = of_reaction(claim, candidate, row, is_first_day=is_first_day)
        found = replace(
            blank,
            answer=answer,
            because=because or words.NO_CLAIM,
            findings=tuple(findings),
            asset=candidate.asset.name,
            session=q.day.isoformat(),
            reaction=reaction,
            reaction_because=reaction_because,
        )
        if not candidate.stands_for:
            return found
        because = words.proxied(candidate.stands_for, q.name, answer, because)
        if claim.superlative is not None:
            because = found.because
        return replace(found, answer=UNCHECKED, because=because, is_proxy=True, on_proxy=answer)


def _leading(claim: Claim) -> str:
    """The part of a claim that it is about: what its numbers are told of first."""
    if claim.size is not None:
        return "move"
    return "price" if claim.level is not None else "superlative" if claim.superlative is not None else "move"


def _counted_from_elsewhere(q: Question) -> str:
    """That a move is counted from a day that is named, and is not the session before; empty where it is.

    "To 131.80 from 133.00 on Friday" may name the day itself.
    """
    named = q.claim.counted_from
    if named is None or q.base_place < 0:
        return ""
    base: dt.date = q.prices.sessions[q.base_place].astype(object)
    return "" if named in (base.weekday(), q.day.weekday()) else words.counted_from(named, base)


def _named_day(prices: Prices, place: int, weekday: int | None) -> int:
    """The session of a weekday that is named, nearest to the first that could react; this one where none is."""
    if weekday is None or not prices.sessions.size:
        return place
    near = range(max(0, place - NEAR), min(prices.sessions.size, place + NEAR))
    days = (prices.sessions.astype("datetime64[D]").astype(np.int64) + 3) % 7
    same = [i for i in near if days[i] == weekday]
    return min(same, key=lambda i: (abs(i - place), i), default=-1)


def overall(found: list[Checked]) -> Answer:
    """The answer to a text: to all its claims."""
    return together([one.answer for one in found])


__all__ = ["NOT_SUPPORTED", "SUPPORTED", "UNCHECKED", "Checker", "overall"]
