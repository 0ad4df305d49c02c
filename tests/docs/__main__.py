"""Make every page that is made from the program: ``python -m tests.docs``."""

from __future__ import annotations

import runpy

MAKERS = (
    *("tests.docs.schema_page", "tests.docs.registry_page", "tests.docs.kind_tables", "tests.docs.fault_page"),
    *(
        "tests.docs.commands_page",
        "tests.release.man",
        "tests.release.completion",
        "tests.release.licences",
        "tests.docs.answers",
    ),
)

if __name__ == "__main__":
    for maker in MAKERS:
        runpy.run_module(maker, run_name="__main__")
