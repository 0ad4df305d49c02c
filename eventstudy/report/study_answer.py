"""The answer of a study of many events: which test gives it, the verdict, and the sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from eventstudy.report import text
from eventstudy.report.narrative import CHANCES, FLAT
from eventstudy.report.study_words import Document, expectation, points, share, when
from eventstudy.study.conclusion import answering, placebo_p, window_verdict

MOST_REASONS = 3


def answer(document: Document) -> tuple[str, tuple[str, ...]]:
    """The verdict on all events over the first window, and the sentences of the answer."""
    spec, events = document["spec"], document["events"]
    done = [event for event in events if event["status"] == "ok"]
    window = document["aggregate"][0]["windows"][0]
    if window["caar"] is None:
        return "not computable", _nothing(events, done, window)
    found, test = window_verdict(window, spec["alpha"]), answering(window)
    sentences = [_what(window, done, spec)]
    if test is None:
        why = "holds for these events" if window["tests"] else "was asked for"
        sentences.append(f"No test of the mean {why}, so whether that is chance cannot be said.")
    else:
        sentences[0] += f" {_conclusion(found, test, window, spec)}"
        sentences.append(f"Judged by {test['name']}, which holds here: {test['validity']}.")
    if window["mde"] and found in ("none", "weak"):
        chance = CHANCES.get(spec["power"], f"{share(spec['power'])} of the time")
        size = points(window["mde"], spec)
        sentences.append(f"A mean reaction of {size} would be found {chance}; a smaller one can pass unseen.")
    partial = 0 if spec["partial"] == "keep" else window["n_partial"]
    if partial:
        sentences.append(f"{_events(partial)} more have only a part of its days, and are left out.")
    if window["n"] + partial < len(done):
        sentences.append(f"{_events(len(done) - window['n'] - partial)} more have no number over this window.")
    if left := len(events) - len(done):
        sentences.append(f"{_events(left)} could not be studied; the reasons stand below.")
    return found, tuple(sentences)


def _what(window: Document, done: Sequence[Document], spec: Document) -> str:
    n, caar = window["n"], window["caar"]
    where = "above" if caar > 0 else "below"
    distance = "just at" if abs(caar) < FLAT else f"{points(caar, spec)} {where}"
    if n == 1:
        asset = next(event["asset"] for event in done if event["windows"][0]["car"] is not None)
        usual = expectation(spec).replace("their", "its")
        return f"{when(window['window'])}, {asset} came out {distance} {usual}."
    who = "assets" if len({event["event_id"] for event in done}) == 1 else "events' assets"
    return f"{when(window['window'])}, the {n} {who} came out on average {distance} {expectation(spec)}."


def _conclusion(found: str, test: Document, window: Document, spec: Document) -> str:
    placebo, adjusted = placebo_p(window), window.get("p_adjusted")
    said = {
        "none": "within the ordinary: no detectable reaction",
        "weak": "unusual but short of proof: weak evidence of a reaction",
        "moderate": "clearly unusual: a moderate reaction",
        "strong": "far outside the ordinary: a strong reaction",
    }[found]
    side = "" if spec["alternative"] == "two-sided" else "one-sided "
    letter = test["name"][-1] if test["name"].endswith(("_t", "_z")) else ""
    numbers = f"{letter}\u00a0= {text.statistic(test['statistic'])}, " if letter else ""
    numbers += side + text.p_phrase(test["p_value"])
    if adjusted is not None:
        numbers += f", {text.p_phrase(adjusted)} allowing for all collections"
    if placebo is not None and test["name"] != "placebo":
        numbers += f"; {text.p_phrase(placebo)} counting ordinary days"
    return f"That is {said} ({numbers})."


def _nothing(events: Sequence[Document], done: Sequence[Document], window: Document) -> tuple[str, ...]:
    """Why there is no average, the most frequent reasons first."""
    if done:
        begin = when(window["window"])
        reasons = Counter(event["windows"][0]["reason"] or "no return" for event in done)
        first = f"{begin}, none of the {_events(len(done)).lower()} has a number."
    else:
        reasons = Counter(event["reason"] for event in events)
        first = f"None of the {_events(len(events)).lower()} could be studied." if events else "There are no events."
    said = [f"{text.capital(reason)} ({_events(n)})." for reason, n in reasons.most_common(MOST_REASONS)]
    return first, *said


def _events(n: int) -> str:
    return "One event" if n == 1 else f"{n} events"
