"""The facts of a page for machines: JSON-LD in the words of schema.org."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from eventstudy import __version__
from eventstudy.report.claims import ClaimView
from eventstudy.report.view import EventView, StudyView
from eventstudy.report.words import language, say

_UNSAFE = tuple((c, f"\\u{ord(c):04x}") for c in "<>&")  # with which a script could end


def as_json_ld(view: EventView) -> str:
    """One object, safe inside a script of a page: equal results, equal bytes."""
    found = json.dumps(document(view), allow_nan=False)  # in ASCII, which is looked through and joined fastest
    for character, escaped in _UNSAFE:
        found = found.replace(character, escaped)
    return found


def document(view: EventView) -> dict[str, Any]:
    """A report on an event, with the measured numbers as a dataset and reviews of the claims."""
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Report",
        "identifier": view.event_id,
        "name": view.title,
        "headline": say("page.title", title=view.title)[:110],
        "abstract": " ".join(view.answer[1]),
        "inLanguage": language().code,
        "creator": {"@type": "SoftwareApplication", "name": "eventstudy", "softwareVersion": __version__},
        "about": _about(view),
    }
    measured = [value for study in view.studies for value in _measured(study)]
    if measured:
        found["mainEntity"] = {
            "@type": "Dataset",
            "name": say("page.kicker"),
            "description": " ".join(line for study in view.studies for line in study.methods),
            "identifier": [study.input_hash for study in view.studies],
            "variableMeasured": measured,
        }
    if view.claims:
        found["hasPart"] = [_review(claim) for claim in view.claims]
    return found


def _about(view: EventView) -> dict[str, Any]:
    about = {"@type": "Event", "identifier": view.event_id, "name": view.title, "startDate": view.earliest}
    if view.latest != view.earliest:
        about["endDate"] = view.latest
    if view.url:
        about["url"] = view.url
    return about


def _measured(study: StudyView) -> Iterator[dict[str, Any]]:
    """The numbers of the first window of each asset, in decimals; their text is as the page prints it."""
    for asset in study.assets:
        if not (asset.has_number and asset.is_full):
            continue
        slots = {"asset": asset.title, "window": asset.window}
        for key, value, shown in (
            ("form.move", asset.values["move"], asset.move),
            ("form.abnormal", asset.values["car"], asset.car),
            ("form.p", asset.values["p_adjusted"], asset.p_adjusted),
        ):
            yield {
                "@type": "PropertyValue",
                "url": f"#{asset.anchor}",
                "propertyID": f"{study.study_id}/{key.partition('.')[2]}",
                "name": say(key, **slots),
                "value": value,
                "description": shown,
            }


def _review(claim: ClaimView) -> dict[str, Any]:
    return {
        "@type": "ClaimReview",
        "claimReviewed": claim.text,
        "reviewRating": {"@type": "Rating", "alternateName": claim.word},
        "reviewBody": claim.because,
    }
