"""What was planned before the data, in German."""

from __future__ import annotations

PLAN: dict[str, str | tuple[str, str]] = {
    "plan.head": "Plan",
    "plan.made": "Geplant am {when}, {stage}.",
    "plan.made_by": "Geplant am {when} von {by}, {stage}.",
    "plan.before_announcement": "vor der Meldung",
    "plan.before_prices": "nach der Meldung, aber bevor hier ein Kurs danach gespeichert war",
    "plan.after_prices": (
        "als Kurse nach der Meldung schon gespeichert waren, der erste vom {first}: Dieser Plan kam nach den Daten"
    ),
    "plan.fetched_later": "Der erste Kurs nach der Meldung wurde am {when} abgerufen.",
    "plan.fetched_earlier": (
        "Aber von den Kursen nach der Meldung, die seitdem hier gespeichert wurden, war der erste am {when} "
        "abgerufen worden, vor dem Plan."
    ),
    "plan.results": "Auch Ergebnisse des Ereignisses waren schon gespeichert.",
    "plan.study.before": ("vor dem einzigen Ereignis", "vor dem ersten der {n} Ereignisse"),
    "plan.study.after": (
        "als das einzige Ereignis vorüber war und seine Kurse zu haben waren: Dieser Plan kam nach den Daten",
        "als {past} der {n} Ereignisse vorüber und ihre Kurse zu haben waren: Für diese kam er nach den Daten",
    ),
    "plan.kept": (
        "Die Untersuchung hielt sich daran: Einstellungen, Fenster, Tests, Werte und Ereignisse sind die des Plans."
    ),
    "plan.same": "Gerechnet wurde, was er sagt; bei einem Plan nach den Daten zeigt das nichts.",
    "plan.departed": (
        "Die Untersuchung wich in einem Punkt davon ab: {points}.",
        "Die Untersuchung wich in {n} Punkten davon ab: {points}.",
    ),
    "plan.changed": "{field}, geplant {planned}, gerechnet {run}",
    "plan.not_run": "{field}, geplant und nicht gerechnet",
    "plan.not_planned": "{field}, gerechnet und nicht geplant",
    "plan.more": "{n} weitere",
    "plan.later": (
        "Ein Ereignis, das wie geplant ausgewählt ist, wurde nach dem Plan bekannt.",
        "{n} Ereignisse, die wie geplant ausgewählt sind, wurden nach dem Plan bekannt.",
    ),
    "plan.waiting": "Gerechnet wurde danach noch nichts.",
    "plan.first_before": (
        "Es gibt {n} Pläne dieses Ereignisses; es zählt Nummer {number}, der erste vor seinen Kursen."
    ),
    "plan.none_before": "Es gibt {n} Pläne dieses Ereignisses, alle nach seinen Kursen; es zählt der erste.",
    "plan.versions": "Festgelegt wurde er mit Version {planned} des Programms, gerechnet mit {run}.",
    "plan.hash": "Sein Hash beginnt mit {hash}.",
    "plan.altered": (
        "Der gespeicherte Plan ist nicht der festgelegte: Sein Hash gehört zu einem anderen Text. Er besagt nichts."
    ),
    "plan.none": "keine",
}
