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
    "index.title": "Ereignisstudien",
    "index.count": ("{n} Meldung, die neueste zuerst.", "{n} Meldungen, die neuesten zuerst."),
    "index.changed": "Letzte Änderung: {when} (Lauf {run}, {status}).",
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
    "figure.path": (
        "Abnormale Bewegung seit dem letzten Kurs vor der Meldung, mit ihrem {level}-Band; groß: wo das Urteil "
        "abgelesen wird"
    ),
    "figure.path.placebo_alone": (
        "{caption}. Das Band gehört allein zum t-Test; nach gezählten Tagen ist die Bewegung ungewöhnlich"
    ),
    "figure.placebo_days": "Die Meldung unter gewöhnlichen Tagen; dunkel: mindestens so extrem ({placebo})",
    "figure.path.title": "{asset}: kumulierte abnormale Rendite",
    "figure.path.said": (
        "Von {start} an Tag {first} bis {end} an Tag {last}; das {level}-Band des letzten reicht von {low} bis "
        "{high}. Die Tabelle der Tage hat jeden Wert."
    ),
    "figure.path.news": "Meldung",
    "figure.path.axis": "Handelstag (0 = erster Kurs nach der Meldung)",
    "figure.placebo.title": "{asset}: die Meldung unter gewöhnlichen Tagen",
    "figure.placebo.said": (
        "{n} Placebo-Bewegungen über {over} zwischen {low} und {high}; die Bewegung der Meldung war {move}, und "
        "{extreme} davon waren mindestens so extrem."
    ),
    "figure.placebo.over": ("einen Handelstag", "{n} Handelstage"),
    "figure.legend.all": "gewöhnliche Tage",
    "figure.legend.extreme": "mindestens so extrem wie die Meldung",
    "figure.placebo.axis": "abnormale Bewegung über {over}",
    "figure.event": "Meldung {move}",
    "figure.mean": "Mittel {move}",
    "figure.far": "{words}, weit außerhalb dieser Skala",
}
