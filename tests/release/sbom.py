"""Make a bill of materials, CycloneDX 1.6: ``python -m tests.release.sbom FILE`` writes it.

The same installation gives the same bytes: no serial number, no time.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from eventstudy import __version__
from tests.release.closure import OURS, Shipped, shipped


def bill() -> dict[str, Any]:
    """The bill of what an installation with every extra brings."""
    parts = shipped()
    own = {
        "type": "application",
        "bom-ref": _ref(OURS, __version__),
        "name": OURS,
        "version": __version__,
        "purl": _ref(OURS, __version__),
        "licenses": [{"expression": "Apache-2.0 AND Unicode-3.0"}],
    }
    refs = {one.name: _ref(one.name, one.version) for one in parts}
    needed = {need for one in parts for need in one.needs}
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": own},
        "components": [_component(one) for one in parts],
        "dependencies": [
            {"ref": own["bom-ref"], "dependsOn": sorted(ref for name, ref in refs.items() if name not in needed)},
            *({"ref": refs[one.name], "dependsOn": [refs[n] for n in one.needs if n in refs]} for one in parts),
        ],
    }


def _component(one: Shipped) -> dict[str, Any]:
    return {
        "type": "library",
        "bom-ref": _ref(one.name, one.version),
        "name": one.name,
        "version": one.version,
        "purl": _ref(one.name, one.version),
        "scope": "optional" if one.extra else "required",
        "licenses": [{"license": {"name": one.licence}}],
    }


def _ref(name: str, version: str) -> str:
    return f"pkg:pypi/{name}@{version}"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(bill(), indent=1) + "\n", "utf-8")
