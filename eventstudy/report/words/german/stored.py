"""The sentences of stored results, in German, by the English ones that they are made from; slots stand in braces.

Where each is from: `eventstudy.claims.words`, `eventstudy.study.clock` (`windows`, `notes`, `method`),
`eventstudy.study.event`, `eventstudy.events.releases`, `eventstudy.study.method`, `eventstudy.registry`; `GIVEN` are
titles of the settings that come with the program.
"""

from __future__ import annotations

CLAIMS = {
    "at its low on {day}": "beim Tief am {day}",
    "at its high on {day}": "beim Hoch am {day}",
    "at the open on {day}": "zur Eröffnung am {day}",
    "at the close on {day}": "zum Schluss am {day}",
    "at the fixing on {day}": "beim Fixing am {day}",
    "at its low of {price} on {day}": "beim Tief von {price} am {day}",
    "at its high of {price} on {day}": "beim Hoch von {price} am {day}",
    "at the open of {price} on {day}": "zur Eröffnung bei {price} am {day}",
    "at the close of {price} on {day}": "zum Schluss bei {price} am {day}",
    "at the fixing of {price} on {day}": "beim Fixing von {price} am {day}",
    "with {name} at its low of {price} on {day}": "{name} beim Tief von {price} am {day}",
    "with {name} at its high of {price} on {day}": "{name} beim Hoch von {price} am {day}",
    "with {name} at the open of {price} on {day}": "{name} zur Eröffnung bei {price} am {day}",
    "with {name} at the close of {price} on {day}": "{name} zum Schluss bei {price} am {day}",
    "with {name} at the fixing of {price} on {day}": "{name} beim Fixing von {price} am {day}",
    "with {name} at {time} {place} on {day}": "{name} um {time} ({place}) am {day}",
    "at {time} {place} on {day}": "um {time} ({place}) am {day}",
    "at {time} {place} on {day} (bars of {n} minutes)": "um {time} ({place}) am {day} (Balken von {n} Minuten)",
    "{time} {place} on {day}": "{time} ({place}) am {day}",
    "{time} {place} on {day} (bars of {n} minutes)": "{time} ({place}) am {day} (Balken von {n} Minuten)",
    "{where}, {name} was {amount} above the {kind} of {day}; claimed: {claimed}.": (
        "{where}: {name} {amount} über dem {kind} vom {day}; behauptet: {claimed}."
    ),
    "{where}, {name} was {amount} below the {kind} of {day}; claimed: {claimed}.": (
        "{where}: {name} {amount} unter dem {kind} vom {day}; behauptet: {claimed}."
    ),
    "{where}, {name} was {amount} from the {kind} of {day}; claimed: {claimed}.": (
        "{where}: {name} {amount} vom {kind} des {day} entfernt; behauptet: {claimed}."
    ),
    "closes": "Schlusskurse",
    "fixings": "Fixings",
    "bars of a minute or a few": "Balken von einer Minute oder wenigen",
    "the day's low and high": "Tief und Hoch des Tages",
    "low": "Tief",
    "high": "Hoch",
    "{n} sessions": "{n} Sitzungen",
    "close": "Schluss",
    "fixing": "Fixing",
    "higher": "höher",
    "lower": "niedriger",
    "little changed": "kaum verändert",
    "{size} higher": "{size} höher",
    "{size} lower": "{size} niedriger",
    "as much as {size}": "bis zu {size}",
    "more than {size}": "mehr als {size}",
    "at least {size}": "mindestens {size}",
    "at most {size}": "höchstens {size}",
    "less than {size}": "weniger als {size}",
    "nearly {size}": "fast {size}",
    "about {size}": "etwa {size}",
    "above {size}": "über {size}",
    "below {size}": "unter {size}",
    "{number} basis points": "{number} Basispunkte",
    "{number} percentage points": "{number} Prozentpunkte",
    "{number} points": "{number} Punkte",
    "{where}, {name} stood at {price}; claimed: {claimed}.": "{where}: {name} bei {price}; behauptet: {claimed}.",
    "The two differ by a whole factor, as where a file is adjusted for a split and the printed price is not.": (
        "Die beiden unterscheiden sich um ein Vielfaches, wie dort, wo eine Datei um eine Aktienteilung bereinigt ist "
        "und der gedruckte Kurs nicht."
    ),
    "Up to {limit}% counts as little changed: a quarter of what is usual in a day, or 0.1%.": (
        "Bis {limit} % gilt als kaum verändert: ein Viertel dessen, was an einem Tag üblich ist, oder 0,1 %."
    ),
    "Of {name} there are fixings alone, one price a day, which is no close.": (
        "{name}: Es gibt nur Fixings, einen Kurs am Tag, und das ist kein Schlusskurs."
    ),
    "Of {name} there are fixings alone, one price a day, which is no close; by it the move was {move}.": (
        "{name}: Es gibt nur Fixings, einen Kurs am Tag, und das ist kein Schlusskurs; danach betrug die Bewegung "
        "{move}."
    ),
    "\u201c{text}\u201d names no place, so that it may be any hour; write for example \u201cin New York\u201d.": (
        "„{text}“ nennt keinen Ort und kann damit jede Stunde sein; schreiben Sie zum Beispiel „in New York“."
    ),
    "A price of a minute is no close, and there is no bar of {name} at {at}.": (
        "{name}: Der Kurs einer Minute ist kein Schlusskurs, und es gibt keinen Balken von {at}."
    ),
    "No asset that is stored is called \u201c{subject}\u201d.": "Kein gespeicherter Wert heißt „{subject}“.",
    "The claim names no asset, and the event has several: name one with --asset.": (
        "Die Behauptung nennt keinen Wert, und das Ereignis hat mehrere: nennen Sie einen mit --asset."
    ),
    "There is no price of {name} on {day}.": "{name}: Es gibt keinen Kurs am {day}.",
    "There is no price of {name} of the days before.": "{name}: Es gibt keinen Kurs der Tage davor.",
    "There is no price of {name} to count the move from.": (
        "{name}: Es gibt keinen Kurs, von dem aus die Bewegung zu zählen wäre."
    ),
    "Only the day's low can tell, and there are only fixings, one price a day.": (
        "Nur das Tagestief kann es sagen, und es gibt nur Fixings, einen Kurs am Tag."
    ),
    "Only the day's high can tell, and there are only fixings, one price a day.": (
        "Nur das Tageshoch kann es sagen, und es gibt nur Fixings, einen Kurs am Tag."
    ),
    "Only the day's low can tell, and there are only closes.": (
        "Nur das Tagestief kann es sagen, und es gibt nur Schlusskurse."
    ),
    "Only the day's high can tell, and there are only closes.": (
        "Nur das Tageshoch kann es sagen, und es gibt nur Schlusskurse."
    ),
    "Only the day's low and high can tell.": "Nur Tief und Hoch des Tages können es sagen.",
    "The sources disagree: {sentence}": "Die Quellen widersprechen sich: {sentence}",
    "There are no prices of \u201c{name}\u201d itself.": "Von „{name}“ selbst gibt es keine Kurse.",
    "In its place, {name} agrees with the claim.": "An seiner Stelle stimmt {name} mit der Behauptung überein.",
    "In its place, {name} does not agree with the claim.": (
        "An seiner Stelle stimmt {name} nicht mit der Behauptung überein."
    ),
    "In its place, {name} cannot settle the claim either.": (
        "An seiner Stelle kann auch {name} die Behauptung nicht entscheiden."
    ),
    "There are no prices of \u201c{index}\u201d itself, and a superlative does not pass through a proxy: the largest "
    "move of {name} need not be that of another index.": (
        "Von „{index}“ selbst gibt es keine Kurse, und ein Superlativ gilt nicht durch eine Näherung: Die größte "
        "Bewegung des einen Index ({name}) muss nicht die des anderen sein."
    ),
    "Only prices by the minute on both sides of the news can separate the move before it from the move after it, and "
    "these are missing: one price a day covers both.": (
        "Nur Minutenkurse auf beiden Seiten der Nachricht können die Bewegung davor von der danach trennen, und die "
        "fehlen: Ein Kurs am Tag umfasst beide."
    ),
    "By fixings {name} moved {move} on {day}.": "Nach Fixings: {name} {move} am {day}.",
    "By closes {name} moved {move} on {day}.": "Nach Schlusskursen: {name} {move} am {day}.",
    "{name} moved {before} on the session before {day}, and {move} on that day.": (
        "{name}: {before} in der Sitzung vor dem {day} und {move} an diesem Tag."
    ),
    "{name} stood {before} from the close before when the news came, reached {furthest} after it, and ended at {end} "
    "({day}).": (
        "{name}: {before} gegenüber dem Schluss davor, als die Nachricht kam, danach bis {furthest} und am Ende {end} "
        "({day})."
    ),
    "{name} went as far as {furthest} from the close before, and ended at {end} ({day}).": (
        "{name}: bis {furthest} gegenüber dem Schluss davor und am Ende {end} ({day})."
    ),
    "\u201c{one}\u201d and \u201c{two}\u201d contradict each other.": "„{one}“ und „{two}“ widersprechen sich.",
    "\u201csince {text}\u201d names no date that can be looked up.": (
        "„since {text}“ nennt kein Datum, das sich nachschlagen ließe."
    ),
    "Since when is not said.": "Seit wann, ist nicht gesagt.",
    "Prices of {name} begin on {first}, after {day}: what was before is not known.": (
        "{name}: Die Kurse beginnen am {first}, nach dem {day}; was davor war, ist nicht bekannt."
    ),
    "It is the most extreme of {name} since {first}, where the prices begin; a record needs all of them.": (
        "{name}: Es ist der äußerste Wert seit dem {first}, an dem die Kurse beginnen; ein Rekord braucht sie alle."
    ),
    "{name} moved {move} on {day}, which is the other way.": "{name}: {move} am {day}, also in die andere Richtung.",
    "{name} moved {move} ({kind}, {day}): more than in any of the {count} since {since}.": (
        "{name}: {move} ({kind}, {day}), mehr als in irgendeinem der {count} seit dem {since}."
    ),
    "{name} moved {move} ({kind}, {day}), and {other_price} on {then}, which was more.": (
        "{name}: {move} ({kind}, {day}), und {other_price} am {then}, was mehr war."
    ),
    "The {what} of {name} on {day}, {price}, was beyond every one since {since}.": (
        "{name}: {what} am {day} {price}, jenseits aller seit dem {since}."
    ),
    "The {what} of {name} on {day} was {price}, and {other_price} on {then}.": (
        "{name}: {what} am {day} {price}, und {other_price} am {then}."
    ),
    "A price in doubt decides nothing: {doubt}.": "Ein zweifelhafter Kurs entscheidet nichts: {doubt}.",
    "Which loss or gain is meant, the claim does not say.": (
        "Welcher Verlust oder Gewinn gemeint ist, sagt die Behauptung nicht."
    ),
    "The claim says that this was not so.": "Die Behauptung sagt, dass es nicht so war.",
    "No claim about a price was found in this text; docs/claims.md says what is understood.": (
        "In diesem Text wurde keine Behauptung über einen Kurs gefunden; docs/claims.md sagt, was verstanden wird."
    ),
    "The asset is none of the event's, so that no reaction of it was studied.": (
        "Der Wert gehört nicht zum Ereignis, so dass keine Reaktion von ihm untersucht wurde."
    ),
    "The day was not the first that could react to the news.": (
        "Der Tag war nicht der erste, der auf die Nachricht reagieren konnte."
    ),
    "The study found a reaction the other way.": "Die Studie fand eine Reaktion in die andere Richtung.",
    "The time of the announcement leaves two days open, and they tell different things.": (
        "Der Zeitpunkt der Ankündigung lässt zwei Tage offen, und sie sagen Verschiedenes."
    ),
    "it speaks of what may come, not of what was": "sie spricht von dem, was kommen mag, nicht von dem, was war",
    "it speaks of futures, which are not the index itself": "sie spricht von Futures, die nicht der Index selbst sind",
    "it speaks of bonds, whose prices fall when yields rise, and only yields are on file": (
        "sie spricht von Anleihen, deren Kurse fallen, wenn Renditen steigen, und vorhanden sind nur Renditen"
    ),
    "it speaks of trading outside of the session, of which there are no prices": (
        "sie spricht vom Handel außerhalb der Sitzung, von dem es keine Kurse gibt"
    ),
    "\u201c{text}\u201d is a time over which no move is counted": (
        "„{text}“ ist eine Zeit, über die keine Bewegung gezählt wird"
    ),
    "\u201crespectively\u201d gives each name a number of its own": (
        "„respectively“ gibt jedem Namen eine eigene Zahl"
    ),
    "one price is told of several names": "ein Kurs ist von mehreren Namen gesagt",
    "\u201c{text}\u201d is a range": "„{text}“ ist eine Spanne",
    "\u201c{text}\u201d has no unit": "„{text}“ hat keine Einheit",
    "{name}: {reaction} (abnormal {car}, t {t}, p {p}).": "{name}: {reaction} (abnormal {car}, t {t}, p {p}).",
    "{name}: not computable.": "{name}: nicht berechenbar.",
    "a strong reaction": "eine starke Reaktion",
    "a moderate reaction": "eine mäßige Reaktion",
    "weak evidence of one: one test says so, another does not": (
        "schwacher Hinweis auf eine: Ein Test sagt es, ein anderer nicht"
    ),
    "no detectable reaction": "keine nachweisbare Reaktion",
    "an unusual move whose cause is unclear: a scheduled release was priced in the same days": (
        "eine ungewöhnliche Bewegung mit unklarer Ursache: Eine terminierte Veröffentlichung fiel in dieselben Tage"
    ),
}
MINUTES = {
    "the announcement came at another time of day than those that the window of this name is about": (
        "die Ankündigung kam zu einer anderen Tageszeit als denen, um die es in diesem Fenster geht"
    ),
    "name the window in minutes": "nennen Sie das Fenster in Minuten",
    "the market was shut at the announcement, and the window begins before it": (
        "der Markt war bei der Ankündigung geschlossen, und das Fenster beginnt davor"
    ),
    "begin it at 0m": "beginnen Sie es bei 0m",
    "the session has no such time of day": "die Sitzung hat diese Tageszeit nicht",
    "check the calendar, or ask for extended hours": (
        "prüfen Sie den Kalender oder verlangen Sie den erweiterten Handel"
    ),
    "the session closes at another time of day": "die Sitzung schließt zu einer anderen Tageszeit",
    "the session closes inside the window": "die Sitzung schließt im Fenster",
    "study a shorter one, or 0m:close": "untersuchen Sie ein kürzeres oder 0m:close",
    "there is no bar before the announcement to start from": (
        "vor der Ankündigung gibt es keinen Balken, von dem auszugehen wäre"
    ),
    "give earlier bars": "geben Sie frühere Balken an",
    "give earlier bars, or finer ones": "geben Sie frühere Balken an oder feinere",
    "the last bar before the window is too old": "der letzte Balken vor dem Fenster ist zu alt",
    "study a longer window, or bars without holes": "untersuchen Sie ein längeres Fenster oder Balken ohne Lücken",
    "no bar lies in the window after the announcement": "nach der Ankündigung liegt kein Balken im Fenster",
    "study a longer one, or give later or finer bars": (
        "untersuchen Sie ein längeres oder geben Sie spätere oder feinere Balken an"
    ),
    "the last bar inside the window is too old": "der letzte Balken im Fenster ist zu alt",
    "study another window, or bars without holes": "untersuchen Sie ein anderes Fenster oder Balken ohne Lücken",
    "the window ends after the announcement": "das Fenster endet nach der Ankündigung",
    "another event falls into the window": "ein anderes Ereignis fällt in das Fenster",
    "too few earlier sessions can be compared with": "zu wenige frühere Sitzungen lassen sich vergleichen",
    "too few earlier sessions can be compared with ({n} of the {wanted} that are needed)": (
        "zu wenige frühere Sitzungen lassen sich vergleichen ({n} der {wanted}, die nötig sind)"
    ),
    "nothing moved on the reference sessions": "in den Vergleichssitzungen bewegte sich nichts",
    "too few earlier bars to tell how lively the session was": (
        "zu wenige frühere Balken, um zu sagen, wie lebhaft die Sitzung war"
    ),
    "the benchmark has no such window, or has it on too few reference sessions": (
        "der Vergleichswert hat dieses Fenster nicht oder in zu wenigen Vergleichssitzungen"
    ),
    "the calendar knows no session for the announcement": "der Kalender kennt keine Sitzung für die Ankündigung",
    "check its date": "prüfen Sie ihr Datum",
    "price in doubt": "zweifelhafter Kurs",
    "price in doubt: {why}": "zweifelhafter Kurs: {why}",
    "collect bars as they come (`captures: standing: [{bar}]`), or lower fewest_sessions": (
        "sammeln Sie Balken, wie sie kommen (`captures: standing: [{bar}]`), oder senken Sie fewest_sessions"
    ),
    "its bars come with the next pass, if the source has them": (
        "seine Balken kommen mit dem nächsten Durchgang, wenn die Quelle sie hat"
    ),
    "there is no paced test": "es gibt keinen Test im Takt der Sitzung",
    # whole assets
    "nobody says when {name} is traded": "nirgends steht, wann {name} gehandelt wird",
    "set its `calendar`, for example XNYS or fx": "geben Sie `calendar` an, zum Beispiel XNYS oder fx",
    "the stored bars of {name} are not those that came: {why}": (
        "die gespeicherten Balken von {name} sind nicht die gelieferten: {why}"
    ),
    "no {size} bars of {name} are stored": "von {name} sind keine Balken zu {size} gespeichert",
    "`captures: standing: [{size}]` collects them from now on": (
        "`captures: standing: [{size}]` sammelt sie von jetzt an"
    ),
    "the files of {source} gave no bars of {name} near it": (
        "die Dateien von {source} gaben keine Balken von {name} in der Nähe"
    ),
    "give bars up to the announcement and of 20 sessions before it": (
        "geben Sie Balken bis zur Ankündigung und von 20 Sitzungen davor"
    ),
    "they hold prices of a day": "sie enthalten Tageskurse",
    "name a source that has bars of {size}": "nennen Sie eine Quelle, die Balken zu {size} hat",
    "of bars of {size} none of {other} can be made: write bar: {size} in the study, or give finer ones": (
        "aus Balken zu {size} wird keiner zu {other}: Schreiben Sie bar: {size} in die Studie oder geben Sie feinere"
    ),
    "there are no bars of {name} near it": "von {name} gibt es keine Balken in der Nähe",
    "the announcement is before the first bar, {when}": "die Ankündigung liegt vor dem ersten Balken, {when}",
    "the announcement is after the last bar, which ends {when}": (
        "die Ankündigung liegt nach dem letzten Balken, der um {when} endet"
    ),
    "give later bars": "geben Sie spätere Balken an",
    "no bar lies inside a session of the calendar": "kein Balken liegt in einer Sitzung des Kalenders",
    "check the calendar, and the offsets of the bars": (
        "prüfen Sie den Kalender und die Zeitzone in den Zeiten der Balken"
    ),
    "{name}: bars of {size} were made of bars of {finer}": (
        "{name}: Balken zu {size} wurden aus solchen zu {finer} gemacht"
    ),
    "{name}: the bar of {size} that is made of the one at {start}, which a person confirmed, is confirmed with it": (
        "{name}: Der Balken zu {size}, der auch aus dem von {start} gemacht ist, den ein Mensch bestätigt hat, gilt "
        "mit ihm als bestätigt"
    ),
    "{name}: {n} rows start off the grid of bars, as live quotes do": (
        "{name}: {n} Zeilen beginnen neben dem Raster der Balken, wie Kurse im Augenblick der Abfrage"
    ),
    "left out": "weggelassen",
    "{name}: {n} rows {why} are no bars": "{name}: {n} Zeilen {why} sind keine Balken",
    "{name}: 1 row {why} is no bar": "{name}: 1 Zeile {why} ist kein Balken",
    "without a price above zero": "ohne einen Kurs über null",
    "without volume": "ohne Umsatz",
    "outside every session": "außerhalb jeder Sitzung",
    "{name}: {when} was set to {other}": "{name}: {when} wurde auf {other} gesetzt",
    # what a reader must know beside a window
    "the minute is not known: this is the earliest; see the others in minutes": (
        "die Minute ist nicht bekannt: Dies ist die früheste; die anderen stehen in der Kurve der Minuten"
    ),
    "the price before the window was {n} minutes old: part of the move may have come before the news": (
        "der Kurs vor dem Fenster war {n} Minuten alt: Ein Teil der Bewegung kann vor der Nachricht gekommen sein"
    ),
    "a lull before the window: its last {n} bars moved {times} times as much as the three hours that the pace is "
    "measured over": (
        "eine Flaute vor dem Fenster: Die letzten {n} Balken bewegten sich {times}-mal so stark wie die drei Stunden, "
        "über die der Takt gemessen wird"
    ),
    "a burst before the window: its last {n} bars moved {times} times as much as the three hours that the pace is "
    "measured over": (
        "eine Unruhe vor dem Fenster: Die letzten {n} Balken bewegten sich {times}-mal so stark wie die drei Stunden, "
        "über die der Takt gemessen wird"
    ),
    "{n} of {wanted} reference sessions have another event in the window, which makes the test conservative": (
        "{n} von {wanted} Vergleichssitzungen haben ein anderes Ereignis im Fenster, was den Test vorsichtig macht"
    ),
    "--mask-events passes them over": "--mask-events übergeht sie",
    # the curve of the minutes
    "no candidate minute has a test: {why}": "keine mögliche Minute hat einen Test: {why}",
    "the market was shut when the interval begins": "der Markt war geschlossen, als die Spanne beginnt",
    "no bar of the interval follows another": "in der Spanne folgt kein Balken auf einen anderen",
    # the method line
    "log moves of {size} bars": "logarithmische Bewegungen von Balken zu {size}",
    "reference: the {n} latest earlier sessions at the same time by the venue's clock, at least {wanted}": (
        "Vergleich: die {n} letzten Sitzungen davor zur selben Uhrzeit des Handelsplatzes, mindestens {wanted}"
    ),
    "reference: the {n} latest earlier sessions at the same time by the announcement's clock, at least {wanted}": (
        "Vergleich: die {n} letzten Sitzungen davor zur selben Uhrzeit am Ort der Ankündigung, mindestens {wanted}"
    ),
    "trading before and after the ordinary hours included": (
        "der Handel vor und nach den gewöhnlichen Zeiten eingeschlossen"
    ),
    "each in units of how lively the three hours before it were": (
        "jede in Einheiten dessen, wie lebhaft die drei Stunden davor waren"
    ),
    "of a shut market, openings after as many days alone": (
        "bei geschlossenem Markt nur Eröffnungen nach ebenso vielen Tagen"
    ),
    "news up to {n} seconds past the minute set to it": "Nachrichten bis {n} Sekunden nach der Minute auf sie gesetzt",
    "sessions with another event in the window passed over": (
        "Sitzungen mit einem anderen Ereignis im Fenster übergangen"
    ),
    "no session masked": "keine Sitzung übergangen",
    "t law with 8 degrees of freedom, matched in variance, at the {level} level, Holm across the event's assets": (
        "t-Verteilung mit 8 Freiheitsgraden, in der Varianz angeglichen, zum Niveau {level}, Holm über die Werte des "
        "Ereignisses"
    ),
    "placebo: the reference sessions": "Placebo: die Vergleichssitzungen",
    "beside it, less what {name} did": "daneben abzüglich der Bewegung von {name}",
}
EVENTS = {
    "no price on {day}, the first session that could react": (
        "kein Kurs am {day}, der ersten Sitzung, die reagieren konnte"
    ),
    "no price on {day}, the session before": "kein Kurs am {day}, der Sitzung davor",
    "the last price before it is of {day}": "der letzte Kurs davor ist vom {day}",
    "its rates run from {first} to {last}: {why}": "seine Kurse reichen vom {first} bis zum {last}: {why}",
    "its rates run from {first} to {last}": "seine Kurse reichen vom {first} bis zum {last}",
    "the ECB suspended its reference rate for the rouble on {day}": (
        "die EZB setzte ihren Referenzkurs für den Rubel am {day} aus"
    ),
    "no peer has a return on {day}, the first session that could react": (
        "kein Vergleichsunternehmen hat eine Rendite am {day}, der ersten Sitzung, die reagieren konnte"
    ),
    "the benchmark has no return on {day}, the first session that could react": (
        "der Vergleichswert hat keine Rendite am {day}, der ersten Sitzung, die reagieren konnte"
    ),
    "a factor has no return on {day}, the first session that could react": (
        "ein Faktor hat keine Rendite am {day}, der ersten Sitzung, die reagieren konnte"
    ),
    "the window {window} is not complete yet: the prices end on {day}": (
        "das Fenster {window} ist noch nicht vollständig: Die Kurse enden am {day}"
    ),
    "the window {window} starts before the prices, which begin on {day}": (
        "das Fenster {window} beginnt vor den Kursen, die am {day} anfangen"
    ),
    "{n} placebo dates, {wanted} are needed to reach p = 0.05": ("{n} Placebo-Tage; für p = 0,05 braucht es {wanted}"),
}
RELEASES = {
    "no scheduled release is on file for these assets": (
        "zu diesen Werten ist keine terminierte Veröffentlichung hinterlegt"
    ),
    "a feed of kind context brings some": "eine Quelle der Art context bringt welche",
    "checked against the releases of the {bank}": "abgeglichen mit den Veröffentlichungen von {bank}",
    "checked against the releases of the {bank} and the {other}": (
        "abgeglichen mit den Veröffentlichungen von {bank} und {other}"
    ),
    "none on file around these days": "keine rund um diese Tage hinterlegt",
    "{n} on file around these days": "{n} rund um diese Tage hinterlegt",
    "of the {bank}, none is on file after {day}": "von {bank} ist nach dem {day} keine hinterlegt",
    "employment, inflation and other figures are not on file": (
        "Arbeitsmarkt, Inflation und andere Zahlen sind nicht hinterlegt"
    ),
    "A move at the right time does not show its cause.": "Eine Bewegung zur rechten Zeit zeigt nicht ihre Ursache.",
    "ECB": "EZB",
}
METHOD = {
    "market model (least squares on {name})": "Marktmodell (kleinste Quadrate auf {name})",
    "constant-mean model (expected return = the asset's own average over the estimation window)": (
        "Modell des konstanten Mittels (erwartete Rendite = der eigene Durchschnitt des Werts im Schätzfenster)"
    ),
    "market-adjusted returns (expected return = the return of {name})": (
        "marktbereinigte Renditen (erwartete Rendite = die Rendite von {name})"
    ),
    "factor model (least squares on several factors)": "Faktormodell (kleinste Quadrate auf mehrere Faktoren)",
    "factor model (least squares on several factors) on {name}": "Faktormodell (kleinste Quadrate auf {name})",
    "three-factor model (Fama & French 1993)": "Drei-Faktoren-Modell (Fama & French 1993)",
    "four-factor model (Carhart 1997)": "Vier-Faktoren-Modell (Carhart 1997)",
    "five-factor model (Fama & French 2015)": "Fünf-Faktoren-Modell (Fama & French 2015)",
    "market model for prices of different times (Scholes & Williams 1977, on {name})": (
        "Marktmodell für Kurse verschiedener Zeiten (Scholes & Williams 1977, auf {name})"
    ),
    "market model with leads and lags of {name} (Dimson 1979), {lags} lags and {leads} leads": (
        "Marktmodell mit Vor- und Nachläufen von {name} (Dimson 1979), {lags} Nachläufe und {leads} Vorläufe"
    ),
    "market model with GARCH(1,1) errors (on {name})": "Marktmodell mit GARCH(1,1)-Fehlern (auf {name})",
    "market model with EGARCH errors (on {name})": "Marktmodell mit EGARCH-Fehlern (auf {name})",
    "market model that a few wild days do not move (Huber's M-estimator, on {name})": (
        "Marktmodell, das einige wilde Tage nicht bewegen (M-Schätzer von Huber, auf {name})"
    ),
    "market model with the median of the slopes of all pairs of days (Theil-Sen, on {name})": (
        "Marktmodell mit dem Median der Steigungen aller Paare von Tagen (Theil-Sen, auf {name})"
    ),
    "trade-to-trade market model for thin trading (Maynes & Rumsey 1993, on {name})": (
        "Marktmodell von Handel zu Handel für dünnen Handel (Maynes & Rumsey 1993, auf {name})"
    ),
    "peer portfolio (expected return = the average return of the peers)": (
        "Portfolio der Vergleichsunternehmen (erwartete Rendite = deren durchschnittliche Rendite)"
    ),
    "peer portfolio (expected return = the average return of the peers) on {name}": (
        "Portfolio der Vergleichsunternehmen (erwartete Rendite = die durchschnittliche Rendite von {name})"
    ),
    "comparison-period mean (expected return = the asset's own average before and after the event)": (
        "Mittel der Vergleichszeit (erwartete Rendite = der eigene Durchschnitt des Werts vor und nach dem Ereignis)"
    ),
    "simple returns": "einfache Renditen",
    "log returns": "logarithmische Renditen",
    "estimation window {window}, at least {n} sessions": "Schätzfenster {window}, mindestens {n} Sitzungen",
    "residual variance SSR/(M - k), exact forecast-error variance": (
        "Residualvarianz SSR/(M - k), exakte Varianz des Prognosefehlers"
    ),
    "residual variance SSR/(M - k), forecast-error variance": (
        "Residualvarianz SSR/(M - k), Varianz des Prognosefehlers"
    ),
    "forecast-error variance": "Varianz des Prognosefehlers",
    "{sides} t test with M - k degrees of freedom at the {level} level, Holm across the event's assets": (
        "{sides} t-Test mit M - k Freiheitsgraden zum Niveau {level}, Holm über die Werte des Ereignisses"
    ),
    "{sides} t test with normal law at the {level} level, Holm across the event's assets": (
        "{sides} t-Test nach der Normalverteilung zum Niveau {level}, Holm über die Werte des Ereignisses"
    ),
    "two-sided": "zweiseitiger",
    "one-sided (a rise)": "einseitiger (ein Anstieg)",
    "one-sided (a fall)": "einseitiger (ein Rückgang)",
    "placebo: every admissible day of the estimation window re-estimated": (
        "Placebo: jeder zulässige Tag des Schätzfensters, neu geschätzt"
    ),
    "placebo: not estimated": "Placebo: nicht geschätzt",
    "missing days left out, never filled": "fehlende Tage weggelassen, nie aufgefüllt",
    "the return over a hole stands on the session that ends it": (
        "die Rendite über eine Lücke steht bei der Sitzung, die sie beendet"
    ),
}
TESTS = {
    "t test, exact forecast variance": "t-Test, exakte Varianz der Prognose",
    "Sample quantile of the residuals": "Stichprobenquantil der Residuen",
    "Robust to serial correlation (Newey-West)": "Robust gegen serielle Korrelation (Newey-West)",
    "Equal-weight portfolio of the assets, as quoted": "Gleich gewichtetes Portfolio der Werte, wie notiert",
    "Placebo days": "Placebo-Tage",
    "Largest |t| of all assets, against placebo days": "Größtes |t| aller Werte, gegen Placebo-Tage",
}
GIVEN = {
    "Total move, against the asset's own average day": "Gesamte Bewegung, gegen den eigenen Durchschnittstag",
    "Move beyond the dollar's general move that day": "Bewegung über die allgemeine des Dollars an diesem Tag hinaus",
}
STORED = CLAIMS | MINUTES | EVENTS | RELEASES | METHOD | TESTS | GIVEN
