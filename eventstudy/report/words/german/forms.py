"""Die Angaben zu einer Meldung in anderer Form als der Seite, und ob eine Seite noch stimmt."""

from __future__ import annotations

from eventstudy.report.words.language import Phrases

FORMS: Phrases = {
    "form.asset": "{asset}: {numbers}. {verdict}.",
    "form.numbers": (
        "{move} über {window}, Tag 0 am {session}; abnormal {car} ({interval}), t {t}, p (Holm) {p}, so groß {placebo}"
    ),
    "form.claim": "„{claim}“ – {answer}. {because}",
    "form.reaction": "{said} {because}",
    "form.heading": "{heading}:",
    "form.page": "Die Seite",
    "form.short": "{title}: {said}",
    "form.short_numbers": "{said} {asset} {move}, p {p}.",
    "form.abnormal": "{asset}: abnormale Bewegung über {window}",
    "form.move": "{asset}: Bewegung über {window}",
    "form.p": "{asset}: p (Holm) über {window}",
    "check.same": "Die Datenbank ergibt diese Seite noch: {what}, {n} Bytes.",
    "check.differs": "Die Datenbank ergibt diese Seite nicht mehr: {what}.",
    "check.event": "die Meldung {id}",
    "check.collection": "die Sammlung {id}",
    "check.index": "die Übersicht",
    "check.asset": "der Wert {id}",
    "check.digest": "die Zusammenfassung vom {id}",
    "check.input": (
        "Die Eingaben der Untersuchung {study} waren {old} und sind {new}: Kurse, Meldung oder Einstellungen änderten "
        "sich."
    ),
    "check.no_input": "Die Untersuchung {study} gibt es nicht mehr.",
    "check.new_input": "Die Untersuchung {study} kam hinzu.",
    "check.version": "Sie entstand mit Version {old} von eventstudy; diese ist {new}.",
    "check.style": "Sie entstand in anderer Gestalt: Formatvorlage oder Thema änderten sich.",
    "check.line": "Zeile {n}, unter „{heading}“: war „{old}“, ist „{new}“.",
    "check.head": "Kopf der Seite",
}
