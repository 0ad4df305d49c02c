"""Die Antwort zu einer Meldung: ob die Märkte reagierten, was sich bewegte und wie ungewöhnlich das war.

Namen stehen im Nominativ, so wie die Tabellen sie haben; nur die Gegenwährung steht im Dativ.
"""

from __future__ import annotations

from eventstudy.report.words.language import Phrases

ANSWER: Phrases = {
    "name.of": "{name}",
    "name.of_s": "{name}",
    "name.pair": "{base} gegenüber {quote}",
    "name.symbol": "der Kurs von {symbol}",
    "name.shares_of": "Aktien von ",
    "name.with_remark": "{name}; {remark})",
    "name.remark": "{name} ({remark})",
    "name.the": "„{name}“",
    "name.foreign": "„{title}“",
    "its": "",
    "their": "",
    # ob
    "answer.none": (
        "Nein. {Bare} bewegte sich{against} im üblichen Rahmen{often}.",
        "Nein. {Bare} bewegten sich{against} im üblichen Rahmen{often}.",
    ),
    "answer.none.rare": (
        "Nein. {Bare} bewegte sich{against} nicht deutlich anders als üblich{often}.",
        "Nein. {Bare} bewegten sich{against} nicht deutlich anders als üblich{often}.",
    ),
    "answer.weak": (
        "Vielleicht. {Bare} bewegte sich{against} ungewöhnlich, doch ohne Beweiskraft{often}.",
        "Vielleicht. {Bare} bewegten sich{against} ungewöhnlich, doch ohne Beweiskraft{often}.",
    ),
    "answer.moderate": (
        "Ja. {Bare} bewegte sich{against} deutlich anders als üblich{often}.",
        "Ja. {Bare} bewegten sich{against} deutlich anders als üblich{often}.",
    ),
    "answer.strong": (
        "Ja. {Bare} bewegte sich{against} weit außerhalb des Üblichen{often}.",
        "Ja. {Bare} bewegten sich{against} weit außerhalb des Üblichen{often}.",
    ),
    "answer.confounded": (
        (
            "Unklar. {Bare} bewegte sich{against} ungewöhnlich, doch zwischen denselben beiden Kursen gab es auch "
            "{causes}: Der Meldung lässt sich die Bewegung nicht zurechnen."
        ),
        (
            "Unklar. {Bare} bewegten sich{against} ungewöhnlich, doch zwischen denselben beiden Kursen gab es auch "
            "{causes}: Der Meldung lässt sich die Bewegung nicht zurechnen."
        ),
    ),
    "answer.before.none": (
        "Nein. {Bare} bewegte sich{against} im Vorfeld im üblichen Rahmen{often}.",
        "Nein. {Bare} bewegten sich{against} im Vorfeld im üblichen Rahmen{often}.",
    ),
    "answer.before.none.rare": (
        "Nein. {Bare} bewegte sich{against} im Vorfeld nicht deutlich anders als üblich{often}.",
        "Nein. {Bare} bewegten sich{against} im Vorfeld nicht deutlich anders als üblich{often}.",
    ),
    "answer.before.weak": (
        "Vielleicht. {Bare} bewegte sich{against} im Vorfeld ungewöhnlich, doch ohne Beweiskraft{often}.",
        "Vielleicht. {Bare} bewegten sich{against} im Vorfeld ungewöhnlich, doch ohne Beweiskraft{often}.",
    ),
    "answer.before.moderate": (
        "Ja. {Bare} bewegte sich{against} schon im Vorfeld deutlich anders als üblich{often}.",
        "Ja. {Bare} bewegten sich{against} schon im Vorfeld deutlich anders als üblich{often}.",
    ),
    "answer.before.strong": (
        "Ja. {Bare} bewegte sich{against} schon im Vorfeld weit außerhalb des Üblichen{often}.",
        "Ja. {Bare} bewegten sich{against} schon im Vorfeld weit außerhalb des Üblichen{often}.",
    ),
    "answer.before.confounded": (
        "Unklar. {Bare} bewegte sich{against} schon im Vorfeld, doch gab es davor auch {causes}.",
        "Unklar. {Bare} bewegten sich{against} schon im Vorfeld, doch gab es davor auch {causes}.",
    ),
    "answer.against": " gegenüber {other}",
    "answer.a_release": "einen angekündigten Termin",
    "answer.nothing": "Zu dieser Meldung lässt sich nichts sagen.",
    "answer.not_yet": "Zu dieser Meldung lässt sich noch nichts sagen.",
    "answer.context": (
        "Ein angekündigter Termin: Er kann die Bewegungen anderer erklären und wird selbst nicht untersucht."
    ),
    "answer.retired": "Es lässt sich nichts sagen: Die Meldung wurde zurückgezogen, bevor sie untersucht war.",
    "answer.reason": "Es lässt sich nichts sagen: {reason}.",
    "answer.reason_yet": "Es lässt sich noch nichts sagen: {reason}.",
    "answer.not_studied": "nicht untersucht",
    "answer.yet": " yet",  # am Ende gespeicherter Gründe, die englisch sind
    # wie oft
    "often.one": "; eine so große Bewegung gab es {often}",
    "often.one.greater": "; ein so hohes Ergebnis gab es {often}",
    "often.one.less": "; ein so niedriges Ergebnis gab es {often}",
    "often.several": "; über {sessions} Handelstage gab es eine so große Bewegung {often}",
    "often.several.greater": "; über {sessions} Handelstage gab es ein so hohes Ergebnis {often}",
    "often.several.less": "; über {sessions} Handelstage gab es ein so niedriges Ergebnis {often}",
    "often.it": "",
    "often.they": "",
    "often.day": ("an einem von {of} Tagen", "an {count} von {of} Tagen"),
    "often.stretch": ("in einem von {of} Fällen", "in {count} von {of} Fällen"),
    "often.nearly_always": "fast immer",
    "often.days": (
        "an einem von {total} gewöhnlichen Tagen davor",
        "an {count} von {total} gewöhnlichen Tagen davor",
    ),
    "often.stretches": (
        "in einem von {total} gewöhnlichen Abschnitten davor",
        "in {count} von {total} gewöhnlichen Abschnitten davor",
    ),
    "often.no_day": "an keinem der {total} gewöhnlichen Tage davor",
    "often.no_stretch": "in keinem der {total} gewöhnlichen Abschnitte davor",
    # was sich bewegte
    "what.moved": "{Asset} {moved} {when}{extension}.",
    "what.first": "Davon am ersten Tag, {date}: {move}.",
    "moved.rose": ("stieg um {size}", "stiegen um {size}"),
    "moved.fell": ("fiel um {size}", "fielen um {size}"),
    "moved.against": "{moved} gegenüber {other}",
    "moved.unchanged": ("blieb nahezu unverändert", "blieben nahezu unverändert"),
    "when.first_price": "bis zum ersten Kurs nach {news}, am {date}",
    "when.on": "am {date}",
    "when.news": "der Meldung",
    "when.assumed": "dem angenommenen Zeitpunkt der Meldung",
    "when.over": "über {which}, {days}",
    "when.covered": "die {sessions} Handelstage, an denen die Meldung erstmals im Kurs stehen kann",
    "when.first_sessions": "die ersten {sessions} Handelstage nach {news}",
    "when.sessions_before": "die {sessions} Handelstage vor {news}",
    "when.sessions_around": "die {sessions} Handelstage um {news} herum",
    "when.sessions_later": "die {sessions} Handelstage einige Zeit nach {news}",
    "extension.flat": ", nach einem Handelstag mit kaum einer Veränderung",
    "extension.said": "; {before} am Handelstag davor {how}",
    "extension.gain": "der Gewinn von {size}",
    "extension.loss": "der Verlust von {size}",
    "extension.extended": "setzte sich damit fort",
    "extension.more": "wurde damit mehr als ausgeglichen",
    "extension.partly": "wurde damit teilweise ausgeglichen",
    # die Zahlen
    "measure.said": "Gemessen: {distance} {usual}{often} ({numbers}).",
    "measure.at": "genau auf",
    "measure.above": "{points} über",
    "measure.below": "{points} unter",
    "measure.more": "{points} mehr, als",
    "measure.less": "{points} weniger, als",
    "measure.as_much": "genau so viel, wie",
    "measure.day": "dem Durchschnitt eines Tages",
    "measure.average": "dem Durchschnitt über ebenso viele Handelstage",
    "measure.benchmark": "{benchmark} erklärt",
    "measure.benchmark_symbol": "der Vergleichswert ({symbol})",
    "measure.factors": "die Faktoren erklären",
    "measure.often": ", so weit wie an {n} von {total} gewöhnlichen Tagen",
    "measure.often_stretches": ", so weit wie in {n} von {total} gewöhnlichen Abschnitten",
    "measure.never": ", so weit wie an keinem der {total} gewöhnlichen Tage",
    "measure.never_stretches": ", so weit wie in keinem der {total} gewöhnlichen Abschnitte",
    "measure.too_few": "; davor liegen zu wenige gewöhnliche Tage für einen Vergleich",
    "measure.t": "t\u00a0= {t}, {p}",
    "measure.one_sided": "einseitig {p}",
    "measure.assets": "{numbers} unter Berücksichtigung von {assets} Werten",
    "measure.placebo": "{numbers}; {p} beim Zählen gewöhnlicher Tage",
    "detectable.alone": (
        "Für sich genommen zeigte dieser Wert {move} {chance}; eine kleinere Reaktion kann unbemerkt bleiben."
    ),
    "detectable.study": (
        "Eine Untersuchung wie diese zeigte {move} {chance}; eine kleinere Reaktion kann unbemerkt bleiben."
    ),
    "detectable.two-sided": "eine Bewegung von {size}",
    "detectable.greater": "einen Anstieg von {size}",
    "detectable.less": "einen Rückgang von {size}",
    # die anderen
    "others.said": "{verdict}: {assets}.",
    "others.unchanged": "unverändert",
    "others.rose": "+{size}",
    "others.fell": "\u2212{size}",
    "others.between": "Zwischen denselben beiden Kursen kam außerdem: {releases}.",
    "others.same_day": "Am selben Tag, aber außerhalb der gemessenen Zeit: {releases}.",
    "others.not_studied": "Nicht untersucht: {asset} \u2013 {reason}.",
    "others.reason": "{Asset}: {reason}.",
    "others.untested": "die Bewegungen lassen sich nicht testen",
    # Anteile der Fälle, am Satzende
    "chance.50": "in jedem zweiten Fall",
    "chance.75": "in drei von vier Fällen",
    "chance.80": "in vier von fünf Fällen",
    "chance.90": "in neun von zehn Fällen",
    "chance.other": "in {n} von hundert Fällen",
    # der Zeitpunkt
    "minute.head": "Wenn es eine andere Minute war",
    "minute.readings": "Lesarten des Zeitpunkts",
    "minute.caption": "Der erste Handelstag, der reagieren konnte, je nach Lesart des Zeitpunkts.",
    "minute.same_session": "Jede Minute der angegebenen Spanne führt zum selben Handelstag; es hängt nichts davon ab.",
    "minute.depends": "Von der Minute hängt das Urteil ab bei: {assets}.",
    "minute.alone": "Eine andere Minute führt zu einem Handelstag, der noch keinen Kurs hat, bei: {assets}.",
    "minute.same_verdict": "Das Urteil ist bei jeder Lesart des Zeitpunkts dasselbe.",
    "minute.stated": "zur angegebenen Zeit",
    "minute.main": "so früh wie möglich",
    "minute.earliest": "so früh wie möglich",
    "minute.latest": "so spät wie möglich",
}
