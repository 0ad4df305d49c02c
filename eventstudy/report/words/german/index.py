"""Die Übersicht, und die Seite eines Werts."""

from __future__ import annotations

from eventstudy.report.words.language import Phrases

INDEX: Phrases = {
    "index.title": "Ereignisstudien",
    "index.count": ("{n} Meldung, die neueste zuerst.", "{n} Meldungen, die neuesten zuerst."),
    "index.changed": "Letzte Änderung: {when} (Lauf {run}).",
    "index.digest": "Was sich damit änderte",
    "index.all": "Alle Meldungen",
    "index.date": "Datum",
    "index.announcement": "Meldung",
    "index.sentence": "In einem Satz",
    "index.average": "Im Durchschnitt",
    "index.collections": "Sammlungen",
    "index.collection": "Sammlung",
    "index.releases": "Angekündigte Termine, die eine Bewegung erklären können",
    "index.fault": "Der letzte Lauf schlug fehl: {reason}.",
    "index.missing": "Nicht untersucht: {reason}.",
    "index.about": "Haben die Märkte reagiert? Meldungen, gemessen an gewöhnlichen Tagen.",
    "index.page": "Ältere Meldungen, Seite {n}, von der ältesten an gezählt.",
    "index.search": "Suche",
    "index.any": "alle",
    "index.sort": "Reihenfolge",
    "index.sort.newest": "neueste zuerst",
    "index.sort.oldest": "älteste zuerst",
    "index.sort.clearest": "klarste Reaktion zuerst",
    "index.sort.title": "nach Titel",
    "index.found": "{n} von {total} Meldungen.",
    "index.loading": "Die Liste der Meldungen wird gelesen …",
    "index.load_failed": (
        "Die Liste der Meldungen lässt sich nicht lesen: Ihre Dateien gehören in den Ordner index neben dieser Seite."
    ),
    "index.turn": "Ältere und neuere Meldungen",
    "index.older": "← älter",
    "index.newer": "neuer →",
    "index.assets": "Werte",
    "index.more_assets": (
        "Ein weiterer Wert hat eine Seite im Ordner assets.",
        "{n} weitere Werte haben Seiten im Ordner assets.",
    ),
    "index.more_collections": (
        "Eine weitere Sammlung hat eine Seite im Ordner collections.",
        "{n} weitere Sammlungen haben Seiten im Ordner collections.",
    ),
    "index.more_releases": (
        "Ein älterer Termin ist nicht aufgeführt.",
        "{n} ältere Termine sind nicht aufgeführt.",
    ),
    "index.collections.caption": (
        "Mittlere kumulierte abnormale Rendite über das erste Fenster; p berücksichtigt die Anzahl der Sammlungen "
        "(Holm)."
    ),
    "index.looked_at": "Betrachtet",
    "index.looks": ("einmal", "{n}-mal"),
    "index.release": "{title}: {when}",
    "asset.symbol": "Jede Meldung, zu der {symbol} untersucht wurde, die neueste zuerst.",
    "asset.counted": (
        "Untersuchbare Meldungen: {studied} von einer; mit mäßiger oder starker Reaktion: {reacted}.",
        "Untersuchbare Meldungen: {studied} von {n}; mit mäßiger oder starker Reaktion: {reacted}.",
    ),
    "asset.counted_none": (
        "Untersuchbare Meldungen: {studied} von einer; eine klare Reaktion gab es nicht.",
        "Untersuchbare Meldungen: {studied} von {n}; eine mäßige oder starke Reaktion gab es nie.",
    ),
    "asset.chance": (
        "Hätte keine Meldung den Wert bewegt, ließe schon der Zufall etwa {n} davon ungewöhnlich erscheinen: Jedes p "
        "berücksichtigt die Werte seiner Meldung, nicht die Anzahl der Meldungen."
    ),
    "asset.events": "Meldungen",
    "asset.caption": "Untersuchung: {study}.",
    "asset.more": (
        "Eine ältere Meldung ist nicht aufgeführt.",
        "{n} ältere Meldungen sind nicht aufgeführt.",
    ),
    "asset.figure.calendar": "Die größte abnormale Bewegung war {move}, am {date}",
    "event.column.announced": "Gemeldet",
}
