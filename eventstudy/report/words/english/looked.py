"""What was looked at, and what could not be seen."""

from __future__ import annotations

LOOKED: dict[str, str | tuple[str, str]] = {
    "looked.head": "What we looked at",
    "looked.counted": "How much",
    "looked.of_assets": ("one asset", "{n} assets"),
    "looked.of_studies": ("one study", "{n} studies"),
    "looked.of_events": ("one event", "{n} events"),
    "looked.of_groups": ("one group", "{n} groups with all of them as one"),
    "looked.of_windows": ("one window", "{n} windows"),
    "looked.of_readings": ("one reading of the time", "{n} readings of the time"),
    "looked.of_minutes": ("one candidate minute", "{n} candidate minutes"),
    "looked.counted.event": ("{factors}: one move was tested.", "{factors}: {n} moves were tested in all."),
    "looked.counted.study": (
        "{events}, in {groups}, over {windows}: one p-value.",
        (
            "{events}, in {groups}, over {windows}: {n} p-values. Of "
            "them {small} at {level} or less, and {holding} of these by a test that holds here."
        ),
    ),
    "looked.none": "none",
    "looked.chance": (
        "With nothing allowed for, {small} of them would pass for unusual by its t, and {adjusted} where the number of "
        "assets is allowed for (Holm); with no reaction at all, chance alone gives some {expected}."
    ),
    "looked.days": "Days",
    "looked.days.event": (
        "What is ordinary was learned from {n} sessions in {estimation}, counted from session 0; sessions {window} "
        "were looked at."
    ),
    "looked.days.clock": "What is ordinary was learned from {n} sessions at the same time of day.",
    "looked.left": "Left out",
    "looked.left.none": "No asset and no window was left out. Days that were are named with the prices below.",
    "looked.left.reason": "{names}: {reason}.",
    "looked.left.no_event": "No event was left out.",
    "looked.left.events": ("One event: {reason}.", "{n} events: {reason}."),
    "looked.left.more": ("One more reason stands in the table.", "{n} more reasons stand in the table."),
    "looked.window_of": "{asset} over {window}",
    "looked.residuals": "How well the model fits",
    "looked.residuals.none": "{names}: nothing speaks against the model.",
    "looked.residuals.found": "{names}: the residuals {faults}.",
    "looked.residuals.follow": "follow one another from day to day",
    "looked.residuals.cluster": "are calm and wild by turns",
    "looked.residuals.tails": "have more large days than a normal law",
    "looked.residuals.means": "The p of t is then approximate; the count of ordinary days needs no such law.",
    "looked.releases": "Other news",
    "looked.releases.found": (
        "One scheduled release on file came between the same two prices.",
        "{n} scheduled releases on file came between the same two prices.",
    ),
    "looked.releases.none": (
        "No scheduled release on file came between the same two prices; which were checked stands with the prices "
        "below."
    ),
    "looked.change": "What would change the verdict",
    "looked.change.larger": (
        "An abnormal move of {asset} beyond {size}, before the number of assets is allowed for{days}; it was {move}."
    ),
    "looked.change.smaller": (
        "An abnormal move of {asset} of less than {size}, before the number of assets is allowed for{days}; it was "
        "{move}."
    ),
    "looked.change.days": ", or the {size} beyond which {share} of ordinary days strayed",
    "looked.change.look": "{study}, {windows}: {verdict}",
    "looked.change.reading": "{study} (another minute)",
    "looked.change.others": "Other looks at {asset} say otherwise: {looks}.",
    "looked.change.none": "Every other window, study and reading of the time says the same of {asset}.",
    "looked.change.mean_larger": "A mean more than {size} from zero; it was {mean}.",
    "looked.change.mean_smaller": "A mean nearer than {size} to zero; it was {mean}.",
    "looked.unseen": "What could not be seen",
    "looked.unseen.small": "A true reaction smaller than {size}, which is found {chance}.",
    "looked.unseen.range": "{low} to {high}, by asset",
    "looked.unseen.daily": "A move within the day that was made good before the next price.",
    "looked.unseen.minutes": "A move between two bars, and one before the first bar that there is.",
    "looked.unseen.wild": "Whether it was a reaction or only a wilder time, in no direction: one event cannot tell.",
    "looked.unseen.other": (
        "News that stands in no list and came in the same hours; reactions of assets that were not on the list; the "
        "cause."
    ),
    "looked.unseen.mean": "A true mean smaller than {size}, which is found {chance}.",
    "looked.unseen.one": "A true reaction smaller than {size}, which t finds {chance} if the variance did not rise.",
    "looked.unseen.cause": (
        "What else happened on the same dates, and why these events were chosen: a selection of events is a look too."
    ),
}
