"""Die Schaubilder: Titel, Beschriftungen und was ein Vorleseprogramm sagt."""

from __future__ import annotations

from eventstudy.report.words.language import Phrases

FIGURES: Phrases = {
    "figure.path": (
        "Abnormale Bewegung seit dem letzten Kurs vor der Meldung, mit ihrem {level}-Band; groß: wo das Urteil "
        "abgelesen wird"
    ),
    "figure.path.placebo_alone": (
        "{caption}. Das Band gehört allein zum t-Test; nach gezählten Tagen ist die Bewegung ungewöhnlich"
    ),
    "figure.placebo_days": (
        "Die Meldung unter gewöhnlichen Tagen: Sie wich weiter ab als {percentile} davon. Dunkel: mindestens so extrem "
        "({placebo})"
    ),
    "figure.price": "Der Kurs nach Datum; groß: der, an dem das Urteil abgelesen wird",
    "figure.panels": (
        "Abnormale Bewegungen seit dem letzten Kurs vor der Meldung mit ihren {level}-Bändern, alle auf einer Skala"
    ),
    "figure.forest": (
        "Die abnormale Bewegung jedes Werts; dick: sein {level}-Intervall für sich genommen, dünn: das mit "
        "Berücksichtigung aller Werte (Holm)"
    ),
    "figure.every_path": (
        "Die kumulierten abnormalen Renditen einzelner Ereignisse; dunkel: die mittlere Hälfte aller, hell: neun von "
        "zehn, Linie: der Median"
    ),
    "figure.calendar": (
        "Jedes Ereignis an seinem Tag, so hoch wie seine kumulierte abnormale Rendite über das erste Fenster"
    ),
    "figure.groups": "Das Mittel jeder Gruppe über das erste Fenster, mit seinem {level}-Intervall",
    "figure.noted": "{caption}. {note}",
    "figure.shown": "{shown} von {total} Werten sind gezeigt, die deutlichsten zuerst; die Tabelle hat alle",
    "figure.mean_path": "Mittlere kumulierte abnormale Rendite, mit ihrem {level}-Band",
    "figure.distribution": "Kumulierte abnormale Renditen der Ereignisse",
    "figure.failed": "Das Schaubild {name} einer Erweiterung lässt sich nicht zeichnen: {why}",
    "figure.path.title": "{asset}: kumulierte abnormale Rendite",
    "figure.path.said": (
        "Von {start} an Tag {first} bis {end} an Tag {last}; das {level}-Band des letzten reicht von {low} bis {high}. "
        "Die Tabelle der Tage hat jeden Wert."
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
    "figure.legend.extreme": "mindestens so extrem",
    "figure.placebo.axis": "abnormale Bewegung über {over}",
    "figure.clock.said": (
        "{n} Bewegungen früherer Handelstage über {over}, am Tempo gemessen und abzüglich ihres Mittels, zwischen "
        "{low} und {high}; die nach der Meldung war {move}, und {extreme} davon waren mindestens so groß."
    ),
    "figure.clock.axis": "Bewegung am Tempo über {over}, abzüglich des Mittels",
    "figure.clock.legend": "andere Handelstage",
    "figure.distribution.title": "{group}: kumulierte abnormale Renditen der Ereignisse",
    "figure.distribution.said": (
        "{n} Ereignisse über {window}, von {low} bis {high}; ihr Mittel ist {mean}, gestiegen sind {rises} davon."
    ),
    "figure.distribution.axis": "CAR über {window}",
    "figure.event": "Meldung {move}",
    "figure.mean": "Mittel {move}",
    "figure.far": "{words}, außerhalb der Skala",
    # was ein Schaubild fand: sein Titel
    "figure.finding.none": "{Owner}: {move} im üblichen Rahmen",
    "figure.finding.none.rare": "{Owner}: {move} nicht deutlich ungewöhnlich",
    "figure.finding.weak": "{Owner}: {move} ungewöhnlich, doch ohne Beweiskraft",
    "figure.finding.moderate": "{Owner}: {move} deutlich ungewöhnlich",
    "figure.finding.strong": "{Owner}: {move} weit außerhalb des Üblichen",
    "figure.finding.confounded": "{Owner}: {move} ungewöhnlich, Ursache unklar",
    "figure.finding.flat": "{Asset}: kaum bewegt",
    "figure.rise": "Anstieg",
    "figure.fall": "Rückgang",
    "figure.rise_before": "Anstieg vor der Meldung",
    "figure.fall_before": "Rückgang vor der Meldung",
    "figure.price.found": "{Asset} {moved} am {date}",
    "figure.price.found_over": "{Asset} {moved} über {sessions} Handelstage, bis zum {date}",
    "figure.price.found_none": "{Asset} {moved}",
    "figure.placebo.found_day": (
        "Einer von {total} gewöhnlichen Tagen wich ebenso weit ab",
        "{n} von {total} gewöhnlichen Tagen wichen ebenso weit ab",
    ),
    "figure.placebo.found_stretch": (
        "Einer von {total} gewöhnlichen Abschnitten wich ebenso weit ab",
        "{n} von {total} gewöhnlichen Abschnitten wichen ebenso weit ab",
    ),
    "figure.placebo.found_no_day": "Keiner von {total} gewöhnlichen Tagen wich ebenso weit ab",
    "figure.placebo.found_no_stretch": "Keiner von {total} gewöhnlichen Abschnitten wich ebenso weit ab",
    "figure.panels.found": (
        "Einer von {total} Werten bewegte sich außerhalb seines üblichen Rahmens",
        "{n} von {total} Werten bewegten sich außerhalb ihres üblichen Rahmens",
    ),
    "figure.panels.found_none": "Keiner von {total} Werten bewegte sich außerhalb seines üblichen Rahmens",
    "figure.forest.found": (
        "Einer von {total} Werten reagierte, alle zusammen berücksichtigt",
        "{n} von {total} Werten reagierten, alle zusammen berücksichtigt",
    ),
    "figure.forest.found_none": "Für keinen von {total} Werten ist eine Bewegung belegt, alle zusammen berücksichtigt",
    "figure.mean.none": (
        "Die Bewegung des Ereignisses über {window}, {mean}, liegt im Rahmen des Zufalls",
        "Das Mittel von {n} Ereignissen über {window}, {mean}, liegt im Rahmen des Zufalls",
    ),
    "figure.mean.weak": (
        "Die Bewegung des Ereignisses über {window}, {mean}, ist ungewöhnlich, doch ohne Beweiskraft",
        "Das Mittel von {n} Ereignissen über {window}, {mean}, ist ungewöhnlich, doch ohne Beweiskraft",
    ),
    "figure.mean.moderate": (
        "Die Bewegung des Ereignisses über {window}, {mean}, ist deutlich mehr, als der Zufall ergibt",
        "Das Mittel von {n} Ereignissen über {window}, {mean}, ist deutlich mehr, als der Zufall ergibt",
    ),
    "figure.mean.strong": (
        "Die Bewegung des Ereignisses über {window}, {mean}, ist weit mehr, als der Zufall ergibt",
        "Das Mittel von {n} Ereignissen über {window}, {mean}, ist weit mehr, als der Zufall ergibt",
    ),
    "figure.mean.not computable": (
        "Ob die Bewegung des Ereignisses über {window}, {mean}, Zufall ist, lässt sich nicht sagen",
        "Ob das Mittel von {n} Ereignissen über {window}, {mean}, Zufall ist, lässt sich nicht sagen",
    ),
    "figure.distribution.found": (
        "Eines von {total} Ereignissen lag über null",
        "{n} von {total} Ereignissen lagen über null",
    ),
    "figure.distribution.found_none": "Keines von {total} Ereignissen lag über null",
    "figure.paths.found": "Die Hälfte der Ereignisse endete zwischen {low} und {high}",
    "figure.calendar.crowded": "{n} von {total} Ereignissen fielen auf einen Tag, {date}",
    "figure.calendar.apart": "Keine zwei der {n} Ereignisse fielen auf denselben Tag",
    "figure.groups.found": "Die Mittel reichen von {low} ({lowest}) bis {high} ({highest})",
    # Vorleseprogramme und Achsen
    "figure.sessions": "Handelstag (0 = erster Kurs nach der Meldung)",
    "figure.price.title": "{asset}: Kurs",
    "figure.price.said": "Von {first} am {start} bis {last} am {end}; Tiefstand {low}, Höchststand {high}.",
    "figure.price.axis": "Kurs, wie notiert",
    "figure.price.axis_total": "Kurs, mit Dividenden",
    "figure.panels.said": "{n} Werte. Am Ende: {ends}.",
    "figure.panels.end": "{asset} {move}",
    "figure.forest.said": "{n} Zeilen: {ends}.",
    "figure.forest.end": "{asset} {move}, zwischen {low} und {high}",
    "figure.forest.axis": "abnormale Bewegung über das Fenster des Urteils",
    "figure.paths.said": (
        "{n} Ereignisse. An Tag {session} liegt eines von zwanzig unter {least} und eines von zwanzig über {most}; die "
        "Hälfte liegt zwischen {low} und {high}, der Median bei {middle}."
    ),
    "figure.calendar.said": "{n} Ereignisse vom {first} bis {last}, zwischen {low} und {high}.",
    "figure.calendar.axis": "Datum von Tag 0",
    # Tabellen und Quellen
    "figure.data": "Zahlen dieses Schaubilds",
    "figure.source": "Quelle: {sources}; eigene Berechnungen.",
    "figure.source.ecb": "Europäische Zentralbank, Referenzkurse",
    "figure.source.yahoo": "Yahoo Finance",
    "figure.source.own": "Quelle: eigene Berechnungen aus den Daten der Untersuchung.",
    "figure.column.price": "Kurs",
    "figure.column.move": "Abnormale Bewegung",
    "figure.column.low": "Von",
    "figure.column.high": "Bis",
    "figure.column.holm_low": "Von (alle)",
    "figure.column.holm_high": "Bis (alle)",
    "figure.column.days": "Gewöhnliche Tage",
    "figure.column.extreme": "So extrem",
    "figure.column.year": "Jahr",
    "figure.column.mean": "Mittel",
    "figure.column.quantile": "{n} %",
}
