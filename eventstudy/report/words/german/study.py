"""Die Seite vieler Ereignisse, und die einer Sammlung."""

from __future__ import annotations

from eventstudy.report.words.language import Phrases

STUDY: Phrases = {
    # wann
    "when.day0": "Am Ereignistag",
    "when.other": ("Einen Handelstag {side} dem Ereignistag", "{Count} Handelstage {side} dem Ereignistag"),
    "when.after": (
        "Am Ereignistag und am Handelstag danach",
        "Am Ereignistag und an den {count} Handelstagen danach",
    ),
    "when.before": (
        "Am Ereignistag und am Handelstag davor",
        "Am Ereignistag und an den {count} Handelstagen davor",
    ),
    "when.around": "Über die {count} Handelstage von {start} bis {end} dem Ereignistag",
    "when.aside": "Über die {count} Handelstage {near} bis {far} {side} dem Ereignistag",
    "when.distance": ("einem Handelstag {side}", "{count} Handelstagen {side}"),
    "side.before": "vor",
    "side.after": "nach",
    # die Antwort
    "study.title": "Ereignisstudie",
    "study.both_ways": (
        "Keine gemeinsame Richtung, doch {n} von {total} reagierte: {rose} nach oben, {fell} nach unten.",
        "Keine gemeinsame Richtung, doch {n} von {total} reagierten: {rose} nach oben, {fell} nach unten.",
    ),
    "study.asset": "{when} lag {asset} {distance} {usual}.",
    "study.assets": "{when} lagen die {n} Werte im Mittel {distance} {usual}.",
    "study.events": "{when} lagen die Werte der {n} Ereignisse im Mittel {distance} {usual}.",
    "study.above": "{points} über",
    "study.below": "{points} unter",
    "study.at": "genau bei",
    "usual.constant-mean": "ihrem durchschnittlichen Tag",
    "usual.comparison-mean": "ihren Vergleichstagen",
    "usual.clock": "dem, was zu ihrer Tageszeit üblich ist",
    "usual.one.clock": "dem, was zu dieser Tageszeit üblich ist",
    "usual.one.constant-mean": "dem Durchschnitt eines Tages",
    "usual.one.comparison-mean": "den Vergleichstagen",
    "usual.benchmark": "dem, was der Vergleichswert erklärt",
    "usual.factors": "dem, was die Faktoren erklären",
    "study.none": "im üblichen Rahmen: keine erkennbare Reaktion",
    "study.weak": "ungewöhnlich, doch ohne Beweiskraft: ein schwaches Anzeichen einer Reaktion",
    "study.moderate": "deutlich anders als üblich: eine mäßige Reaktion",
    "study.strong": "weit außerhalb des Üblichen: eine starke Reaktion",
    "study.conclusion": "Das ist {said} ({numbers}).",
    "study.judged": "Maßgeblich ist {test}; der Test gilt hier: {validity}.",
    "study.no_test_holds": "Für diese Ereignisse gilt kein Test des Mittels; ob das Zufall ist, bleibt offen.",
    "study.no_test_asked": "Ein Test des Mittels war nicht verlangt; ob das Zufall ist, bleibt offen.",
    "study.detectable": (
        "Eine mittlere Reaktion, die {size} ausmacht, würde {chance} erkannt; eine kleinere kann unbemerkt bleiben."
    ),
    "study.as_before": (
        "Falls die Varianz beim Ereignis nicht stieg, was ein einziges Ereignis nicht zeigen kann: {numbers}."
    ),
    "study.detectable_as_before": (
        "Dieses t erkennt eine Reaktion, die {size} ausmacht, {chance}; eine kleinere kann unbemerkt bleiben."
    ),
    "study.partial": (
        "Ein weiteres Ereignis hat nur einen Teil seiner Tage und bleibt außer Betracht.",
        "{n} weitere Ereignisse haben nur einen Teil ihrer Tage und bleiben außer Betracht.",
    ),
    "study.unnumbered": (
        "Ein weiteres Ereignis hat für dieses Fenster keine Zahl.",
        "{n} weitere Ereignisse haben für dieses Fenster keine Zahl.",
    ),
    "study.left": (
        "Ein Ereignis ließ sich nicht untersuchen; der Grund steht unten.",
        "{n} Ereignisse ließen sich nicht untersuchen; die Gründe stehen unten.",
    ),
    "study.no_number": (
        "{when} hat das einzige Ereignis keine Zahl.",
        "{when} hat keines der {n} Ereignisse eine Zahl.",
    ),
    "study.nothing": (
        "Das einzige Ereignis ließ sich nicht untersuchen.",
        "Keines der {n} Ereignisse ließ sich untersuchen.",
    ),
    "study.empty": "Es gibt keine Ereignisse.",
    "study.no_return": "keine Rendite",
    "study.reason": ("{reason} (ein Ereignis).", "{reason} ({n} Ereignisse)."),
    "study.t": "{letter}\u00a0= {statistic}, {p}",
    "study.one_sided": "einseitig {p}",
    "study.adjusted": "{numbers}, {p} unter Berücksichtigung aller Sammlungen",
    "study.placebo": "{numbers}; {p} beim Zählen gewöhnlicher Tage",
    # die Anlage
    "design.none": "Kein Ereignis hat für das erste Fenster eine Zahl.",
    "design.one": "Ein Ereignis.",
    "design.dates": ("{events} Ereignisse an einem Tag", "{events} Ereignisse an {n} Tagen"),
    "design.correlation": (
        "{words}; die mittlere Korrelation zweier von ihnen beträgt {correlation}: so viel wert wie {worth} "
        "unabhängige Ereignisse"
    ),
    "design.any": "beliebig viele",
    "design.end": "{words}.",
    # das Verfahren
    "method.model": "Modell {model}",
    "method.model_on": "Modell {model} auf {explained}",
    "method.variant": "{model}, {variant}",
    "method.lags": "{model}, Verzögerungen: {lags}, Vorläufe: {leads}",
    "method.prices": "Renditen ({returns}) aus Kursen",
    "method.returns": "Renditen ({returns}) wie angegeben",
    "method.changes": "Änderungen von Ständen; Prozente sind als Prozentpunkte zu lesen (0,01 % ist ein Basispunkt)",
    "method.volume": "Logarithmen von Umsätzen; Prozente sind als Log-Punkte zu lesen",
    "method.estimation": "Schätzfenster {window}, mindestens {least} Tage",
    "method.event_window": "Ereignisfenster {window}",
    "method.exact_variance": "exakte Varianz des Prognosefehlers",
    "method.variance": "Varianz des Prognosefehlers",
    "method.level.two-sided": "zweiseitige Tests zum Niveau {alpha}",
    "method.level.greater": "einseitige Tests (Anstieg) zum Niveau {alpha}",
    "method.level.less": "einseitige Tests (Rückgang) zum Niveau {alpha}",
    "method.missing.drop": "fehlende Tage ausgelassen, nie aufgefüllt",
    "method.missing.lump": "der Tag nach einer Lücke trägt die ganze Rendite",
    "method.overlapping": "ohne Ereignisse, die sich mit einem früheren desselben Werts überschneiden",
    "method.tests": "nur die Tests {tests}",
    "method.resampled": "Tests mit Zufallszahlen: Startwert {seed}, {draws} Ziehungen",
    "method.clock": (
        "Log-Bewegungen von Kursen im Takt {bar}, verglichen mit den {n} letzten Handelstagen davor zur selben Uhrzeit "
        "(mindestens {least})"
    ),
    "method.clock.paced": (
        "Tests auf Bewegungen, gemessen daran, wie lebhaft der Handelstag zuvor war, nach der t-Verteilung mit 8 "
        "Freiheitsgraden"
    ),
    "method.clock.masked": "Handelstage mit einem anderen Ereignis im Fenster übergangen",
    "method.clock.not_masked": "kein Handelstag wegen anderer Ereignisse übergangen",
    "method.clock.extended": "mit dem Handel vor und nach den üblichen Stunden",
    "method.clock.explained": "daneben: Bewegungen abzüglich dessen, was {explained} tat",
    "method.end": "{parts}.",
    # Tabellen
    "study.all": "Alle Ereignisse",
    "study.group": "Gruppe {name}",
    "column.events": "Ereignisse",
    "column.event": "Ereignis",
    "column.caar": "CAAR",
    "column.car": "CAR",
    "column.median": "Median",
    "column.rose": "Gestiegen",
    "column.bhar": "BHAR",
    "column.weighted": "Gewichtet",
    "column.tost": "TOST p",
    "column.p": "p",
    "column.why": "Warum er gilt",
    "column.aar": "AAR",
    "column.se": "Standardfehler",
    "column.group": "Gruppe",
    "column.groups": "Gruppen",
    "column.dates": "Tage",
    "column.difference": "Differenz",
    "column.tests": "Tests",
    "column.validity": "Gültigkeit",
    "column.characteristic": "Merkmal",
    "column.coefficient": "Koeffizient",
    "column.t": "t",
    "column.p_placebo_dates": "p (Placebo-Tage)",
    "column.day0": "Tag 0",
    "column.p_holm": "p (Holm)",
    "column.p_placebo": "p (Placebo)",
    "table.averages": "Durchschnitte",
    "table.explained": (
        "CAAR: mittlere kumulierte abnormale Rendite. BHAR: mittlere abnormale Rendite bei Kaufen und Halten. "
        "Erkennbar: die kleinste mittlere Reaktion, die in {power} der Fälle erkannt würde. p: das des maßgeblichen "
        "Tests."
    ),
    "table.tost": "{words} TOST p: dafür, dass das Mittel so groß ist wie {size}.",
    "table.hold": "\u2713 Tests über {window}, die für diese Ereignisse gelten",
    "table.decides": "{caption}; maßgeblich ist {test}",
    "table.explained_clock": (
        "CAAR: mittlere Bewegung über das zur selben Tageszeit Übliche hinaus. Erkennbar: die kleinste mittlere "
        "Reaktion, die in {power} der Fälle erkannt würde. p: das des maßgeblichen Tests, auf Bewegungen gemessen "
        "daran, wie lebhaft jeder Handelstag war."
    ),
    "table.daily": "Mittlere abnormale Rendite (AAR) jedes Handelstags",
    "table.groups": "Die Gruppen über {window}",
    "table.less": "{first} abzüglich {second}",
    "table.holds": "\u2713 Gilt: {validity}",
    "table.does_not_hold": "\u2717 Gilt nicht: {validity}",
    "table.difference": "Mittlere CAR der ersten Gruppe abzüglich der zweiten",
    "table.regression": (
        "CAR über {window}, {n} Ereignis, Standardfehler: {errors}",
        "CAR über {window}, {n} Ereignisse, Standardfehler: {errors}",
    ),
    "table.formula": "{formula}: {caption}",
    "table.clusters": "{name} ({n})",
    "table.clustered": "geclustert nach {by}",
    "table.r_squared": "{caption}; R\u00b2 = {r_squared}",
    "table.events": "Kumulierte abnormale Rendite über {window}. p (Holm) berücksichtigt die Anzahl der Ereignisse.",
    "table.skipped": "Ereignisse ohne Ergebnis, mit Grund",
    "table.cut": "Die ersten {most} von {n}; --json hat alle.",
    "table.with_p": "{test} ({p})",
    "table.test": "{test}: {said}",
    # die Seite
    "study.no_valid_test": "Über {window} gilt für diese Ereignisse kein Test.",
    "study.invalid": (
        "\u2717 Tests über {window}, die für diese Ereignisse nicht gelten, mit Grund. Dem p in Klammern ist nicht zu "
        "trauen."
    ),
    "study.tests_over": "{group}: Tests über {window}",
    "study.every_session": "{group}: jeder Handelstag",
    "study.groups": "Gruppen",
    "study.differences": "Was die Unterschiede erklärt",
    "study.not_studied": "Nicht untersucht",
    "study.warnings": "Warnungen",
    "study.more_warnings": "{n} weitere; --json hat alle.",
    "collection.once": "Einmal betrachtet, am {since}",
    "collection.times": (
        "{n}-mal betrachtet seit {since}: Jeder Blick ist eine weitere Gelegenheit, etwas zu finden, und die p "
        "berücksichtigen das nicht"
    ),
    "collection.stands": "{said}. Die Antwort steht seit {since}",
    "collection.one_of": "{said}. Eine von {n} Sammlungen, die p (Holm) berücksichtigt",
    "collection.end": "{said}. {checked}.",
}
