"""Was betrachtet wurde, und was nicht zu sehen war."""

from __future__ import annotations

from eventstudy.report.words.language import Phrases

LOOKED: Phrases = {
    "looked.head": "Was wir betrachtet haben",
    "looked.counted": "Wie viel",
    "looked.of_assets": ("ein Wert", "{n} Werte"),
    "looked.of_studies": ("eine Untersuchung", "{n} Untersuchungen"),
    "looked.of_events": ("ein Ereignis", "{n} Ereignisse"),
    "looked.of_groups": ("eine Gruppe", "{n} Gruppen, alle zusammen als eine gezählt"),
    "looked.of_windows": ("ein Fenster", "{n} Fenster"),
    "looked.of_readings": ("eine Lesart des Zeitpunkts", "{n} Lesarten des Zeitpunkts"),
    "looked.of_minutes": ("eine mögliche Minute", "{n} mögliche Minuten"),
    "looked.counted.event": (
        "Betrachtet: {factors}. Getestet wurde eine Bewegung.",
        "Betrachtet: {factors}. Getestet wurden insgesamt {n} Bewegungen.",
    ),
    "looked.counted.study": (
        ("Betrachtet: {events}; {groups}; {windows}. Das ergibt ein p."),
        (
            "Betrachtet: {events}; {groups}; {windows}. Das ergibt "
            "{n} p. Bei {level} oder darunter: {small}; davon nach einem Test, der hier gilt: {holding}."
        ),
    ),
    "looked.none": "keine",
    "looked.chance": (
        "Ungewöhnlich nach t allein: {small}; unter Berücksichtigung der Anzahl der Werte (Holm): {adjusted}. Ganz "
        "ohne Reaktion ergäbe schon der Zufall etwa {expected}."
    ),
    "looked.days": "Tage",
    "looked.days.event": (
        "Was üblich ist, lehrten {n} Handelstage in {estimation}, gezählt von Tag 0; betrachtet wurden die Tage "
        "{window}."
    ),
    "looked.days.clock": "Was üblich ist, lehrten {n} Handelstage zur selben Tageszeit.",
    "looked.left": "Ausgelassen",
    "looked.left.none": (
        "Kein Wert und kein Fenster wurde ausgelassen. Ausgelassene Tage stehen unten bei den Kursen."
    ),
    "looked.left.reason": "{names}: {reason}.",
    "looked.left.no_event": "Kein Ereignis wurde ausgelassen.",
    "looked.left.events": ("Ein Ereignis: {reason}.", "{n} Ereignisse: {reason}."),
    "looked.left.more": (
        "Ein weiterer Grund steht in der Tabelle.",
        "{n} weitere Gründe stehen in der Tabelle.",
    ),
    "looked.window_of": "{asset} über {window}",
    "looked.residuals": "Wie gut das Modell passt",
    "looked.residuals.none": "{names}: Nichts spricht gegen das Modell.",
    "looked.residuals.found": "{names}: Die Residuen {faults}.",
    "looked.residuals.follow": "hängen von Tag zu Tag zusammen",
    "looked.residuals.cluster": "sind abwechselnd ruhig und wild",
    "looked.residuals.tails": "haben mehr große Tage als eine Normalverteilung",
    "looked.residuals.means": (
        "Das p von t gilt dann nur ungefähr; das Zählen gewöhnlicher Tage braucht keine solche Annahme."
    ),
    "looked.releases": "Andere Nachrichten",
    "looked.releases.found": (
        "Ein bekannter angekündigter Termin lag zwischen denselben beiden Kursen.",
        "{n} bekannte angekündigte Termine lagen zwischen denselben beiden Kursen.",
    ),
    "looked.releases.none": (
        "Zwischen denselben beiden Kursen lag kein bekannter angekündigter Termin; welche geprüft wurden, steht unten "
        "bei den Kursen."
    ),
    "looked.change": "Was das Urteil änderte",
    "looked.change.larger": (
        "Eine abnormale Bewegung über {size} hinaus ({asset}), ohne Rücksicht auf die Anzahl der Werte{days}; sie "
        "betrug {move}."
    ),
    "looked.change.smaller": (
        "Eine abnormale Bewegung von weniger als {size} ({asset}), ohne Rücksicht auf die Anzahl der Werte{days}; sie "
        "betrug {move}."
    ),
    "looked.change.days": ", oder über die {size} hinaus, die {share} der gewöhnlichen Tage übertrafen",
    "looked.change.look": "{study}, {windows}: {verdict}",
    "looked.change.reading": "{study} (andere Minute)",
    "looked.change.others": "Andere Betrachtungen ({asset}) führen zu einem anderen Urteil: {looks}.",
    "looked.change.none": (
        "Jedes andere Fenster, jede andere Untersuchung und jede Lesart des Zeitpunkts ergibt dasselbe ({asset})."
    ),
    "looked.change.mean_larger": "Ein Mittel, das um mehr als {size} von null abweicht; es betrug {mean}.",
    "looked.change.mean_smaller": "Ein Mittel, das um weniger als {size} von null abweicht; es betrug {mean}.",
    "looked.unseen": "Was nicht zu sehen war",
    "looked.unseen.small": "Eine wahre Reaktion von weniger als {size}; diese Größe wird {chance} erkannt.",
    "looked.unseen.range": "{low} bis {high}, je nach Wert",
    "looked.unseen.daily": "Eine Bewegung innerhalb des Tages, die vor dem nächsten Kurs wieder ausgeglichen war.",
    "looked.unseen.minutes": "Eine Bewegung zwischen zwei Kursen, und eine vor dem ersten vorhandenen.",
    "looked.unseen.wild": (
        "Ob es eine Reaktion war oder nur eine wildere Zeit ohne Richtung: Ein einziges Ereignis sagt es nicht."
    ),
    "looked.unseen.other": (
        "Nachrichten, die in keiner Liste stehen und in denselben Stunden kamen; Reaktionen von Werten, die nicht auf "
        "der Liste standen; die Ursache."
    ),
    "looked.unseen.mean": "Ein wahres Mittel von weniger als {size}; diese Größe wird {chance} erkannt.",
    "looked.unseen.one": (
        "Eine wahre Reaktion von weniger als {size}; diese Größe erkennt t {chance}, falls die Varianz nicht stieg."
    ),
    "looked.unseen.cause": (
        "Was an denselben Tagen sonst geschah, und warum gerade diese Ereignisse gewählt wurden: Auch eine Auswahl ist "
        "ein Blick auf die Daten."
    ),
}
