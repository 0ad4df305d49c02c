"""The answer of a study of many events: which test gives it, the verdict, and the sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from eventstudy.report import text
from eventstudy.report.narrative import FLAT, chance
from eventstudy.report.study.words import Document, expectation, points, when
from eventstudy.report.words import known, say
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
    if found == "none" and (both := _both_ways(done, spec)):
        sentences[0] = f"{both} {sentences[0]}"
    if test is None:
        sentences.append(say("study.no_test_holds" if window["tests"] else "study.no_test_asked"))
    else:
        sentences[0] += f" {_conclusion(found, test, window, spec)}"
        sentences.append(say("study.judged", test=test["name"], validity=test["validity"]))
    is_conditional = test is not None and "t_p_value" in test
    if test is not None and is_conditional:
        sentences.append(say("study.as_before", numbers=_numbers("t", test["t"], test["t_p_value"], spec)))
    if window["mde"] and found in ("none", "weak"):
        key = "study.detectable_as_before" if is_conditional else "study.detectable"
        sentences.append(say(key, size=points(window["mde"], spec), chance=chance(spec["power"])))
    partial = 0 if spec["partial"] == "keep" else window["n_partial"]
    if partial:
        sentences.append(say("study.partial", n=partial))
    if window["n"] + partial < len(done):
        sentences.append(say("study.unnumbered", n=len(done) - window["n"] - partial))
    if left := len(events) - len(done):
        sentences.append(say("study.left", n=left))
    return found, tuple(sentences)


def _what(window: Document, done: Sequence[Document], spec: Document) -> str:
    n, caar = window["n"], window["caar"]
    where = say("study.above" if caar > 0 else "study.below", points=points(caar, spec))
    said = {"when": when(window["window"]), "distance": say("study.at") if abs(caar) < FLAT else where}
    if n == 1:
        asset = next(event["asset"] for event in done if event["windows"][0]["car"] is not None)
        usual = known(f"usual.one.{spec['model']}", expectation(spec))
        return say("study.asset", asset=asset, usual=usual, **said)
    who = "study.assets" if len({event["event_id"] for event in done}) == 1 else "study.events"
    return say(who, n=n, usual=expectation(spec), **said)


def _both_ways(done: Sequence[Document], spec: Document) -> str:
    """That single events reacted, some upwards and some downwards, where the mean of all tells nothing of it."""
    moves = [event["windows"][0]["car"] for event in done if _reacted(event, spec["alpha"])]
    rose = sum(move > 0 for move in moves)
    if rose in (0, len(moves)):
        return ""
    return say("study.both_ways", n=len(moves), total=len(done), rose=rose, fell=len(moves) - rose)


def _reacted(event: Document, alpha: float) -> bool:
    """Whether an event has a move of its own, allowing for the number of events."""
    test: Document = next((test for test in event["windows"][0]["tests"] if test["name"] == "t"), {})
    p = test.get("p_holm", test.get("p_value"))
    return p is not None and p <= alpha


def _conclusion(found: str, test: Document, window: Document, spec: Document) -> str:
    placebo, adjusted = placebo_p(window), window.get("p_adjusted")
    letter = test["name"][-1] if test["name"].endswith(("_t", "_z")) else ""
    numbers = _numbers(letter, test["statistic"], test["p_value"], spec)
    if adjusted is not None:
        numbers = say("study.adjusted", numbers=numbers, p=text.p_phrase(adjusted))
    if placebo is not None and test["name"] != "placebo":
        numbers = say("study.placebo", numbers=numbers, p=text.p_phrase(placebo))
    return say("study.conclusion", said=say(f"study.{found}"), numbers=numbers)


def _numbers(letter: str, statistic: float, p: float, spec: Document) -> str:
    """A p, after its statistic where that has a letter."""
    numbers = text.p_phrase(p)
    if spec["alternative"] != "two-sided":
        numbers = say("study.one_sided", p=numbers)
    return say("study.t", letter=letter, statistic=text.statistic(statistic), p=numbers) if letter else numbers


def _nothing(events: Sequence[Document], done: Sequence[Document], window: Document) -> tuple[str, ...]:
    """Why there is no average, the most frequent reasons first."""
    if done:
        reasons = Counter(event["windows"][0]["reason"] or say("study.no_return") for event in done)
        first = say("study.no_number", n=len(done), when=when(window["window"]))
    else:
        reasons = Counter(event["reason"] for event in events)
        first = say("study.nothing", n=len(events)) if events else say("study.empty")
    said = [say("study.reason", n=n, reason=text.capital(reason)) for reason, n in reasons.most_common(MOST_REASONS)]
    return first, *said
