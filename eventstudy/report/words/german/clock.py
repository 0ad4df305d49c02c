"""Reaktionen auf die Minute."""

from __future__ import annotations

from eventstudy.report.words.language import Phrases

CLOCK: Phrases = {
    "clock.strong": "weit mehr als an anderen Handelstagen zu dieser Tageszeit",
    "clock.moderate": "mehr als an anderen Handelstagen zu dieser Tageszeit",
    "clock.weak": (
        "nach einem von zwei Tests mehr als an anderen Handelstagen zu dieser Tageszeit, nach dem anderen nicht"
    ),
    "clock.none": "nicht mehr als zu dieser Tageszeit üblich",
    "clock.confounded": "mehr als zu dieser Tageszeit üblich, doch kamen in denselben Minuten andere Nachrichten",
    "clock.no_bars": "keine Kurse",
    "clock.nothing": "{asset}: Auf die Minute lässt sich nichts sagen ({reason}).",
    "clock.nothing_at": "{when} – {asset}: Es lässt sich nichts sagen ({reason}).",
    "clock.passed_over": "Zu {window} lässt sich nichts sagen: {reason}.",
    "clock.moved": "{when} – {asset}: {move}, {clause} ({numbers}).",
    "clock.untold": "{when} – {asset}: {move}; ob das ungewöhnlich ist, lässt sich nicht sagen ({reason}).",
    "clock.earliest": "{moved} Das gilt für die früheste Minute der Meldung. {agreement}",
    "clock.numbers": "t {t}, p {p}; {rank}",
    "clock.rank": "an {count} von {n} Handelstagen war die Bewegung, am Tempo gemessen, ebenso groß",
    "clock.rank_cell": "{count} von {n}",
    "clock.utc": "{time} UTC",
    "clock.local": "{local} {place} ({time} UTC)",
    "clock.shut": "{when} (der Markt war geschlossen; Minuten zählen ab der Eröffnung): {horizon}",
    "clock.open": "{when}: {horizon}",
    "clock.to.close": "bis zum Handelsschluss",
    "clock.to.next-open": "bis zur nächsten Eröffnung",
    "clock.to.next-close": "bis zum nächsten Handelsschluss",
    "clock.first": ("in der ersten Minute", "in den ersten {n} Minuten"),
    "clock.window": "im Fenster {window}",
    "clock.course.held": "Die Bewegung hielt: {kept} davon waren zum Handelsschluss noch da.",
    "clock.course.grown": "Die Bewegung ging weiter: Zum Handelsschluss war sie {times}-mal so groß.",
    "clock.course.overturned": (
        "Die Bewegung hatte sich bis zum Handelsschluss umgekehrt: Sie war {times}-mal so groß in der anderen Richtung."
    ),
    "clock.course.faded": "Die Bewegung ließ nach: {kept} davon waren zum Handelsschluss noch da.",
    "clock.course.gone": "Die Bewegung war zum Handelsschluss verschwunden: {kept} davon waren noch da.",
    "clock.course.reversed": "Die Bewegung hatte sich bis zum Handelsschluss umgekehrt: {kept} davon.",
    "clock.gap": (
        "Der Markt war geschlossen: Die Eröffnung lag {move} vom letzten Schlusskurs entfernt, und das meiste davon "
        "kann vor der Meldung entstanden sein."
    ),
    "clock.other": "{title}: {distance}.",
    "clock.overlap": ("Ein Fenster teilt Kurse mit einem von {title} ({distance}): Durchschnitte zählen beide einmal."),
    "clock.extreme.low": "Tiefstand in {window}: {move} zum Kurs vor der Meldung, um {at}.",
    "clock.extreme.high": "Höchststand in {window}: {move} zum Kurs vor der Meldung, um {at}.",
    "clock.previous": "Vom Schluss des Handelstags davor, wie Zeitungen rechnen: {move} am Ende von {window}.",
    "clock.day": (
        "Über den ganzen Tag, vom selben Kurs: {move} am Ende, am tiefsten {low} um {low_at}, am höchsten {high} "
        "um {high_at}."
    ),
    "clock.drift": ("In der Minute davor: {move}.", "In den {n} Minuten davor: {move}."),
    "clock.half_life": (
        "Von einer Minute nach der Meldung bis zum Ende von {window} stand mindestens die Hälfte der Bewegung.",
        "Von {n} Minuten nach der Meldung bis zum Ende von {window} stand mindestens die Hälfte der Bewegung.",
    ),
    "clock.mixed": (
        "Der Balken, in dessen Mitte die Meldung kam, endete {move} vom Kurs davor entfernt; er zählt weder als davor "
        "noch als danach."
    ),
    "clock.volume": "Umsatz in {window}: das {times}-Fache des Medians zu dieser Tageszeit (Placebo-p {p}).",
    "clock.volatility": "Realisierte Volatilität in {window}: Placebo-p {p}.",
    "clock.same": "zur selben Minute",
    "clock.later": ("1 Minute später", "{n} Minuten später"),
    "clock.earlier": ("1 Minute früher", "{n} Minuten früher"),
    "clock.test.paced": "am Tempo gemessen (das Urteil)",
    "clock.test.clock": "allein nach der Uhr",
    "clock.test.benchmark": "abzüglich des Vergleichswerts",
    "clock.test.benchmark_paced": "abzüglich des Vergleichswerts, am Tempo gemessen",
    "clock.test.factors": "abzüglich der Faktoren",
    "clock.test.factors_paced": "abzüglich der Faktoren, am Tempo gemessen",
    "clock.windows": "Fenster um {clock}, vom letzten Kurs vor der Meldung (oder vor dem Fenster) an",
    "clock.column.prices": "Kurse",
    "clock.column.move": "Bewegung",
    "clock.column.beyond": "Über das Übliche hinaus",
    "clock.column.paced": "t am Tempo",
    "clock.column.rank": "So groß",
    "clock.column.extremes": "Bis zu",
    "clock.column.test": "Test",
    "clock.column.law": "Verteilung",
    "clock.beside": "{asset}: die Tests daneben",
    "clock.beside_words": (
        "Das Urteil ruht allein auf dem Test am Tempo: Jeder Handelstag zählt im Maß dessen, wie lebhaft die drei "
        "Stunden davor waren. Der einfache Test nach der Uhr stimmt im Durchschnitt und irrt an einem wilden Tag."
    ),
    "clock.tests": "Tests der Fenster",
    "clock.agreement.all agree": "Jede mögliche Minute führt zum selben Urteil.",
    "clock.agreement.depends on the minute": "Das Urteil hängt von der Minute ab.",
    "clock.agreement.none": "Zu keiner möglichen Minute gibt es eine erkennbare Reaktion.",
    "clock.no_minute": "Keine Minute lässt sich beurteilen: {reason}.",
    "clock.learned": (
        "Die für ihre Tageszeit größte Bewegung begann um {at} (explorativ; p {p} unter Berücksichtigung der Suche)."
    ),
    "clock.tape": "{asset}: die Balken um {clock}",
    "clock.tape_before": "Der letzte Kurs vor der Meldung war {price}.",
    "clock.tape_median": "Der Median der Balken, die 20 bis 10 Minuten davor endeten, war {price}.",
    "clock.tape_marked": "Markiert: der niedrigste und der höchste Kurs von {window}",
    "clock.tape_low": "Tiefstand: {move} um {at}.",
    "clock.tape_high": "Höchststand: {move} um {at}.",
    "clock.tape_table": "Die Tabelle der Fenster hat jede Zahl.",
    "clock.news": "Meldung",
    "clock.opening": "Eröffnung nach der Meldung",
    "clock.axis": "Uhrzeit {place} (die Meldung: {clock})",
    "clock.placebo": "{asset}: die Bewegung nach {clock} unter denen früherer Handelstage zu dieser Tageszeit",
    "clock.curve": "{asset}: t je Minute der Meldung",
    "clock.curve_words": (
        "t am Tempo für {window}, von {low} bis {high}. Schattiert: zum Niveau von 5 % nicht mehr als üblich."
    ),
    "clock.previous_extended": (
        "Vom letzten Kurs des Handelstags davor, der Handel nach dem Schluss eingeschlossen: {move} am Ende von "
        "{window}; Zeitungen rechnen vom Schluss selbst."
    ),
    "figure.tape": (
        "Die Balken um die Meldung, in der Zeit des Handelsplatzes; Querlinie: der Kurs davor; schattiert: wo der Kurs "
        "gewöhnlich liegt"
    ),
    "figure.tape.extended": "{caption}. Auch Balken vor und nach der Handelszeit sind darunter",
    "figure.clock_sessions": (
        "Die Bewegung über {window} unter denen früherer Handelstage zu dieser Tageszeit, jede an ihrem Tempo "
        "gemessen; dunkel: mindestens so groß"
    ),
    "figure.curve": (
        "t am Tempo für {window}, für jede Minute, zu der die Meldung gekommen sein kann; schattiert: zum Niveau von "
        "5\u202f% nicht mehr als üblich"
    ),
    "clock.tape.found": "{Asset} {moved} {when}, {clause}",
    "clock.tape.moved": "{Asset} {moved} {when}",
    "clock.tape.found_none": "{asset}: die Balken um die Meldung",
    "clock.sessions.found": (
        "An einem von {total} anderen Handelstagen war die Bewegung, am Tempo gemessen, so groß",
        "An {n} von {total} anderen Handelstagen war die Bewegung, am Tempo gemessen, so groß",
    ),
    "clock.sessions.found_none": (
        "An keinem von {total} anderen Handelstagen war die Bewegung, am Tempo gemessen, so groß"
    ),
    "clock.curve.found": (
        "Zu einer von {total} möglichen Minuten wäre die Bewegung ungewöhnlich",
        "Zu {n} von {total} möglichen Minuten wäre die Bewegung ungewöhnlich",
    ),
    "clock.curve.found_none": "Zu keiner von {total} möglichen Minuten wäre die Bewegung ungewöhnlich",
    "clock.column.time": "Uhrzeit {place}",
    "clock.column.open": "Eröffnung",
    "clock.column.high": "Hoch",
    "clock.column.low": "Tief",
    "clock.column.close": "Schluss",
    "clock.column.paced_move": "Bewegung am Tempo",
    "clock.column.sessions": "Handelstage",
    "clock.unit.price": "Kurs",
    "clock.more": ("Ein weiterer Wert steht in der Tabelle.", "{n} weitere Werte stehen in der Tabelle."),
    "clock.rest": "Die übrigen Werte, über das Fenster, das antwortet",
}
