"""Die Seite einer Meldung, und was allen Seiten gemeinsam ist."""

from __future__ import annotations

from eventstudy.report.words.language import Phrases

PAGE: Phrases = {
    "page.kicker": "Haben die Märkte reagiert?",
    "page.title": "{title} – haben die Märkte reagiert?",
    "page.pages": "Seiten",
    "page.all_events": "Alle Meldungen",
    "page.answer": "Antwort",
    "page.footer": (
        "eventstudy {version}. Kurse sind Information, kein Rat; vergangene Bewegungen sagen nichts über künftige."
    ),
    "event.scheduled": "Angekündigt für {when}.",
    "event.time": "Zeitpunkt der Meldung: {when}.",
    "event.announced": "Gemeldet: {when}.",
    "event.source": "Quelle",
    "event.prices": "{before} → {after}",
    "event.coefficient": "{name} = {value}",
    "event.diagnostic": "{name}: {value}",
    "how.fetched": "{time} UTC",
    "event.failed": (
        "Der letzte Lauf konnte diese Meldung nicht untersuchen ({reason}); hier steht das Ergebnis davor."
    ),
    "event.twins": (
        "Zeit und Wert stehen auch unter einer anderen Kennung: {ids}. Beide sind ein und dieselbe Beobachtung.",
        "Zeit und Wert stehen auch unter anderen Kennungen: {ids}. Alle sind ein und dieselbe Beobachtung.",
    ),
    "event.reactions": "Reaktionen: {study}",
    "event.caption.session": "Tag 0 ist der erste Handelstag, dessen Kurs nach der Meldung festgestellt wurde.",
    "event.caption.window": "Fenster {window}: Handelstage, beide Enden eingeschlossen.",
    "event.caption": (
        "Abnormal: die Bewegung abzüglich der erwarteten. p (Holm): berücksichtigt die Anzahl der Werte. So groß: "
        "gewöhnliche Tage, die ebenso weit abwichen. Erkennbar: die kleinste Reaktion, die ein Wert für sich genommen "
        "{chance} zeigte."
    ),
    "event.column.session0": "Tag 0",
    "event.column.prices": "Kurs davor → danach",
    "event.column.move": "Bewegung",
    "event.column.abnormal": "Abnormal",
    "event.column.as_large": "So groß",
    "event.column.date": "Datum",
    "event.column.return": "Rendite",
    "event.column.in_se": "in Standardfehlern",
    "event.column.cumulative": "Kumuliert",
    "event.column.source_or_reason": "Quelle oder Grund",
    "event.column.reading": "Wenn die Meldung kam",
    "event.column.source": "Quelle",
    "event.column.symbol": "Symbol",
    "event.column.edition": "Ausgabe",
    "event.column.fetched": "Abgerufen",
    "event.column.content": "Inhalt",
    "event.not_studied": "Nicht untersucht: {reason}.",
    "event.no_test": "die Bewegungen lassen sich nicht testen",
    "event.together": "Alle Werte zusammen",
    "event.together.why": (
        "Die Werte haben ein gemeinsames Datum; ihre Tests sind nicht unabhängig. Diese beiden berücksichtigen das."
    ),
    "event.together.caption": "Tests über alle Werte",
    "event.details": "{asset}: jedes Fenster, jeder Test und jeder Tag",
    "event.windows": "Fenster",
    "event.tests": "Tests über {window}",
    "event.days": "Tage",
    "event.shown": (
        "Schaubilder und einzelne Tage von {shown} von {total} Werten, die deutlichsten Reaktionen; die Tabelle hat "
        "alle."
    ),
    "diagnostic.durbin_watson": "Durbin-Watson (nahe 2: keine Autokorrelation)",
    "diagnostic.arch_lm_p": "ARCH-LM p (klein: Schwankungen treten gehäuft auf)",
    "diagnostic.jarque_bera_p": "Jarque-Bera p (klein: nicht normalverteilt)",
    "column.window": "Fenster",
    "column.verdict": "Urteil",
    "column.test": "Test",
    "column.statistic": "Statistik",
    "column.law": "Verteilung",
    "column.session": "Tag",
    "column.sessions": "Handelstage",
    "column.interval": "{level}-Intervall",
    "column.detectable": "Erkennbar",
    "column.remark": "Bemerkung",
    "column.asset": "Wert",
    "column.reason": "Grund",
    "how.head": "Wie gemessen wurde",
    "how.prices": "Woher die Kurse stammen",
    "how.terms.ecb": (
        "Referenzkurse der Europäischen Zentralbank: frei verwendbar, wo die EZB als Quelle genannt wird."
    ),
    "how.terms.yahoo": (
        "Kurse von Yahoo Finance: zum persönlichen Gebrauch nach den Bedingungen von Yahoo, über die eine Weitergabe "
        "hinausgehen kann."
    ),
    "how.series": ("Jede Kursreihe ({n})", "Jede Kursreihe ({n})"),
    "how.series.caption": "Kursreihen, mit einem Fingerabdruck ihres Inhalts",
    "how.reproduce": "Nachrechnen",
    "how.folder": "Im Ordner der {file}, mit der die Seite entstand:",
    "how.input": "Eingaben der Untersuchung {study}:",
    "claims.heading": "Was behauptet wurde",
    "claims.region": "Behauptungen und was die Kurse sagen",
    "claims.caption": (
        "Was über Kurse gesagt wurde, gehalten gegen die vorhandenen. Ein wahrer Satz über den Tag ist noch keine "
        "Reaktion auf die Meldung: Beides wird beantwortet."
    ),
    "claims.column.claim": "Behauptung",
    "claims.column.answer": "Antwort",
    "claims.column.prices": "Was die Kurse sagen",
    "claims.column.reaction": "Eine Reaktion?",
    "claims.no_move": "Eine Bewegung des Tages wird nicht behauptet.",
    "claims.answer.supported": "Belegt",
    "claims.answer.not supported": "Nicht belegt",
    "claims.answer.cannot be checked": "Nicht prüfbar",
}
