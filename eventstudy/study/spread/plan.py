"""What a study in parts would do, before it does it: parts, calls, bytes, and what each test takes of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eventstudy.registry.tests import TESTS, group_tests
from eventstudy.spec import StudySpec

EVENT = 64  # bytes of an event on its way to a worker, beside its name and that of its asset
READS = {
    "rows": "from the numbers of each event, which come back",
    "sums": "combined from sums over blocks of events, made where these are",
    "dates": "combined from sums over the events of each date, whose residuals meet at one worker",
    "returns": "gathered: residuals or raw returns of all events come here",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPart:
    """One part: its events and columns, the bytes of files that are read for it, and of what is sent to its worker."""

    events: int
    columns: int
    read: int
    sent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a study would do.

    Attributes
    ----------
    where : str
        Who computes.
    workers : int
    prices : str
        Where they are read.
    looks : int
        Calls that look prices through first.
    surveyed : int
        Bytes of files that these read.
    parts : tuple of PlannedPart
    back : int
        Bytes that come back of all events.
    met : int
        Bytes of residuals that go from worker to worker, where events are brought together by date.
    told : int
        Calls that tell numbers of a part; none where a part comes back whole.
    sums : int
        Calls that make sums, at most, for each group and test.
    tests : mapping of str to tuple of str
        What is read of the parts → tests.
    """

    where: str
    workers: int
    prices: str
    looks: int
    surveyed: int
    parts: tuple[PlannedPart, ...]
    back: int
    met: int
    told: int
    sums: int
    tests: Mapping[str, tuple[str, ...]]

    def to_dict(self) -> dict[str, Any]:
        """For programs; bytes and counts as numbers."""
        return {
            "where": self.where,
            "workers": self.workers,
            "prices": self.prices,
            "events": sum(part.events for part in self.parts),
            "tasks": {
                "prices_looked_through": self.looks,
                "parts": len(self.parts),
                "numbers_of_parts": self.told,
                "sums_at_most": self.sums,
            },
            "bytes_read": {"looked_through": self.surveyed, "parts": sum(part.read for part in self.parts)},
            "bytes_moved": {
                "to_workers": sum(part.sent for part in self.parts),
                "back": self.back,
                "between_workers": self.met,
            },
            "partitions": [
                {"part": k, "events": part.events, "columns": part.columns, "bytes_read": part.read,
                 "bytes_sent": part.sent}
                for k, part in enumerate(self.parts)
            ],
            "tests": {name: {"reads": reads} for reads, names in self.tests.items() for name in names},
        }  # fmt: skip

    def lines(self) -> Iterator[str]:
        """For people."""
        parts, read = self.parts, sum(part.read for part in self.parts)
        events = [part.events for part in parts]
        yield f"{sum(events):,} events in {len(parts):,} parts of {min(events):,} to {max(events):,}, by {self.where}."
        yield f"Prices: {self.prices}."
        tasks = [f"{len(parts):,} that fit a part"]
        if self.looks:
            tasks.insert(0, f"{self.looks:,} that look prices through")
        if self.told:
            tasks += [f"{self.told:,} that tell its numbers", f"at most {self.sums:,} that make sums for a group"]
        yield f"Tasks: {', '.join(tasks)}."
        yield f"Read: {size(self.surveyed)} to look prices through, {size(read)} for the parts."
        yield (
            f"Moved: {size(sum(part.sent for part in parts))} to the workers, {size(self.back)} back, "
            f"{size(self.met)} of residuals between workers."
        )
        for reads, names in self.tests.items():
            if names:
                yield f"{READS[reads][0].upper()}{READS[reads][1:]}: {', '.join(names)}."
        yield ""
        yield f"{'part':>5} {'events':>9} {'columns':>8} {'read':>10} {'sent':>10}"
        for k, part in enumerate(parts):
            yield f"{k:>5} {part.events:>9,} {part.columns:>8,} {size(part.read):>10} {size(part.sent):>10}"
        yield "Nothing was written."


def tests_by_reading(spec: StudySpec) -> dict[str, tuple[str, ...]]:
    """What is read of the parts → tests of groups that a study makes."""
    names = [name for name in group_tests() if spec.tests is None or name in spec.tests]
    return {reads: tuple(name for name in names if TESTS[name].reads == reads) for reads in READS}


def size(n: float) -> str:
    """Bytes as a person reads them."""
    for unit in ("B", "KB", "MB"):
        if n < 1000:
            return f"{n:.0f} {unit}" if unit == "B" else f"{n:.1f} {unit}"
        n /= 1000
    return f"{n:,.1f} GB"


def of_events(ids: Sequence[str], assets: Sequence[str]) -> int:
    """Bytes of some events on their way to a worker, about."""
    return sum(map(len, ids)) + sum(map(len, set(assets))) + EVENT * len(ids)
