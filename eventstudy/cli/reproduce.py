"""``eventstudy reproduce``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eventstudy.cli.common import emit_json, json_option, printable, progress

if TYPE_CHECKING:
    from eventstudy.bundle.numbers import Difference

SHOWN = 40  # differences on a terminal; --json has all


@click.command("reproduce")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@json_option
def command(file: Path, as_json: bool) -> None:
    """Compute a bundle again and compare every value to the last digit.

    Needs no settings, no database and no network. Exits with 0 when all are equal, or differ by no more than the
    rounding of another processor or library, which is said; with 1 when a price or a value differs, naming each.
    """
    from eventstudy.report.planned import sentences
    from jobs import bundles

    talk = progress()
    found = bundles.reproduce(file, talk)
    talk("")
    wrong = [d for d in found.differences if not d.is_rounding]
    rounded = [d for d in found.differences if d.is_rounding]
    if as_json:
        emit_json(
            {
                "schema": "eventstudy.reproduction/1",
                "bundle": found.manifest["bundle"],
                "as_of": found.manifest["as_of"],
                "is_equal": found.is_equal,
                "values": found.n_values,
                "altered": list(found.altered),
                "differences": [_plain(d) for d in wrong],
                "rounding": [_plain(d) for d in rounded],
                "environment": [_plain(d) for d in found.environment],
                "plans": found.plans,
            }
        )
        sys.exit(0 if found.is_equal else 1)
    lines = [f"altered: {what}" for what in found.altered]
    lines += [f"differs: {d.what}: {d.bundled} in the bundle, {d.here} here" for d in wrong[:SHOWN]]
    if len(wrong) > SHOWN:
        lines.append(f"and {len(wrong) - SHOWN} more values differ; --json names all")
    lines += [f"another {d.what} here: {d.here}, {d.bundled} in the bundle" for d in found.environment]
    if rounded:
        lines.append(f"{len(rounded):,} of {found.n_values:,} values differ in their last digits, after the ninth")
    lines += [f"{event_id}: {' '.join(sentences(said))}" for event_id, said in found.plans.items()]
    exact = found.n_values - len(wrong) - len(rounded)
    lines.append(f"{found.manifest['bundle']}: {exact:,} of {found.n_values:,} values are equal to the last digit")
    click.echo("\n".join(map(printable, lines)))
    sys.exit(0 if found.is_equal else 1)


def _plain(difference: Difference) -> dict[str, Any]:
    return {"what": difference.what, "bundled": difference.bundled, "here": difference.here}
