"""Did the market react to this announcement, by how much, and how sure are we?

The public names are loaded when they are used, so that ``import eventstudy`` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eventstudy.errors import EventStudyError
    from eventstudy.records import Event, Inference
    from eventstudy.spec import StudySpec, Window
    from eventstudy.store.frames import Results, open_results
    from eventstudy.study.power import Power, power
    from eventstudy.study.robust.asked import Robustness
    from eventstudy.study.table import ClockResult, ClockSpec, StudyResult, run_study

__version__ = "0.1.0"

_HOMES = {
    "ClockResult": "eventstudy.study.table",
    "ClockSpec": "eventstudy.study.table",
    "Event": "eventstudy.records",
    "EventStudyError": "eventstudy.errors",
    "Inference": "eventstudy.records",
    "Power": "eventstudy.study.power",
    "Results": "eventstudy.store.frames",
    "Robustness": "eventstudy.study.robust.asked",
    "StudyResult": "eventstudy.study.table",
    "StudySpec": "eventstudy.spec",
    "Window": "eventstudy.spec",
    "open_results": "eventstudy.store.frames",
    "power": "eventstudy.study.power",
    "run_study": "eventstudy.study.table",
}

__all__ = [
    "ClockResult",
    "ClockSpec",
    "Event",
    "EventStudyError",
    "Inference",
    "Power",
    "Results",
    "Robustness",
    "StudyResult",
    "StudySpec",
    "Window",
    "__version__",
    "open_results",
    "power",
    "run_study",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'eventstudy' has no attribute {name!r}; public are {', '.join(__all__)}")
    value: object = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
