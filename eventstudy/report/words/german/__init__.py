"""German: every phrase that English has."""

from __future__ import annotations

from dataclasses import replace

from eventstudy.report.words.english import BRITISH
from eventstudy.report.words.german.answer import ANSWER
from eventstudy.report.words.german.assets import COUNTERPARTS, CURRENCIES, INDICES, PLURALS, TITLES
from eventstudy.report.words.german.clock import CLOCK
from eventstudy.report.words.german.digest import DIGEST
from eventstudy.report.words.german.figures import FIGURES
from eventstudy.report.words.german.forms import FORMS
from eventstudy.report.words.german.index import INDEX
from eventstudy.report.words.german.looked import LOOKED
from eventstudy.report.words.german.names import FORMATS, NAMES, VERDICTS
from eventstudy.report.words.german.page import PAGE
from eventstudy.report.words.german.plan import PLAN
from eventstudy.report.words.german.stored import STORED
from eventstudy.report.words.german.study import STUDY
from eventstudy.report.words.german.times import TIMES

OWN = {
    **FORMATS,
    **VERDICTS,
    **TIMES,
    **ANSWER,
    **STUDY,
    **FIGURES,
    **PAGE,
    **INDEX,
    **DIGEST,
    **CLOCK,
    **FORMS,
    **LOOKED,
    **PLAN,
}

GERMAN = replace(
    BRITISH,
    code="de",
    phrases=OWN,
    names=NAMES,
    currencies=CURRENCIES,
    counterparts=COUNTERPARTS,
    indices=INDICES,
    titles=TITLES,
    stored=STORED,
    plurals=PLURALS | BRITISH.plurals,
    decimal=",",
    thousands=".",
)
