"""How often a test that is called valid rejects: the numbers behind docs/validation.md, and its tables.

Run from the top of the repository; hours of one core, so not part of ``make test``::

    nice python -m tests.simulation.valid --reps 5000 --placebo-reps 1000      # adds to size_given_valid.csv
    python -m tests.simulation.valid --page                                     # writes the tables into the page

Market model on 120 estimation days, the whole event window as window, so that nothing calm stands beside a wild day.
Fits and placebo days of many studies are made at once; every study is then judged by the code that users run.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eventstudy.abnormal import abnormal_returns, cumulate
from eventstudy.inference.batch import Batch
from eventstudy.inference.correlation import CrossCorrelation
from eventstudy.inference.panel import Panel, Placebo, deviation_of
from eventstudy.inference.validity import PLACEBO_WINDOWS, validity, with_number
from eventstudy.records import Float64Array, Sample, StudySpec
from eventstudy.registry.models import MODELS
from eventstudy.registry.tests import TESTS, group_tests, recommended

ESTIMATION = 120
LENGTHS = (1, 3, 11, 21, 61)
SIZES = (1, 5, 30, 100)
PLACEBOS = ("placebo", "max_t_placebo")
SHOWN = "first valid"  # the test that a summary shows first
EFFECT = 0.5  # of a cumulative abnormal return, in its standard deviations
ROWS_AT_ONCE = 3000
CSV = Path(__file__).parents[1] / "data" / "size_given_valid.csv"
PAGE = Path(__file__).parents[2] / "docs" / "validation.md"
FIELDS = ("design", "events", "days", "effect", "test", "draws", "valid", "rejected")
LIMIT, CONSERVATIVE = 0.065, 0.035
CALLED = 0.5  # share of studies in which the product calls a test valid, from which a cell has a number


@dataclass(frozen=True, kw_only=True)
class Design:
    """How returns come about: one date with errors correlated by 0.2, variance doubled in the window, Student t(4)."""

    one_date: bool = False
    wild: bool = False
    fat: bool = False


DESIGNS = {
    "apart": Design(),
    "one date": Design(one_date=True),
    "variance doubled": Design(wild=True),
    "fat tails": Design(fat=True),
    "one date, variance doubled": Design(one_date=True, wild=True),
    "one date, fat tails": Design(one_date=True, fat=True),
}


def panels(
    design: Design, n: int, length: int, reps: int, rng: np.random.Generator, *, effect: float, has_placebos: bool
) -> Iterator[Panel]:
    """`reps` studies of `n` events over a window of `length` days."""
    spec = StudySpec(
        returns="simple",
        estimation=(-ESTIMATION, -1),
        event_window=(0, length - 1),
        windows=[(0, length - 1)],
        draws=399,
    )
    history = ESTIMATION if has_placebos else 0
    y, m = returns(design, n, length, reps, rng, history=history, effect=effect)
    tau = np.arange(-ESTIMATION, length)
    sample = Sample(
        tau=tau, y=y[:, history:], x=m[:, history:, None], estimation=spec.estimation, event_window=spec.event_window
    )
    fit = MODELS["market"](sample, spec)
    abnormal = abnormal_returns(sample, fit)
    found = cumulate(fit, abnormal, spec.windows[0], is_log=False, with_bhar=False)
    draws = placebos(y, m, length) if has_placebos else None
    apart = 0 if design.one_date else 1000
    days = np.tile(apart * np.arange(n)[:, None] + np.arange(tau.size), (reps, 1))
    for rep in range(reps):
        rows = np.arange(rep * n, (rep + 1) * n)
        scar = found.scar[rows]
        spread = deviation_of(scar)
        batch = Batch(
            spec=spec,
            fit=fit,
            abnormal=abnormal,
            rows=rows,
            tau=tau,
            days=days,
            sample=sample,
            scores={spec.windows[0]: scar / spread} if spread > 0 else {},
        )
        panel = Panel(
            batch=batch,
            window=spec.windows[0],
            car=found.car[rows],
            se=found.se[rows],
            scar=scar,
            n_days=found.n_days[rows],
            df=fit.df[rows],
            placebo=None if draws is None else Placebo(car=draws.car[rows].T, scar=draws.scar[rows].T),
        )
        if not design.one_date:  # no two windows touch, and to find that out takes most of the time
            panel.__dict__["correlation"] = CrossCorrelation(residual=0.0, overlap=0.0)
        yield panel


def returns(
    design: Design, n: int, length: int, reps: int, rng: np.random.Generator, *, history: int, effect: float
) -> tuple[Float64Array, Float64Array]:
    """Returns and benchmark of all events of all studies, shape (reps · n, days)."""
    before, width = history + ESTIMATION, history + ESTIMATION + length

    def shocks(rows: int) -> Float64Array:
        drawn = (
            rng.standard_t(4, (reps, rows, width)) / math.sqrt(2)
            if design.fat
            else rng.normal(size=(reps, rows, width))
        )
        return np.asarray(drawn)

    correlation = 0.2 if design.one_date else 0.0
    errors = math.sqrt(1 - correlation) * shocks(n)
    if correlation:
        errors += math.sqrt(correlation) * shocks(1)
    if design.wild:
        errors[:, :, before:] *= math.sqrt(2)
    errors[:, :, before:] += effect / math.sqrt(length)
    market = np.broadcast_to(rng.normal(0.0, 0.01, (reps, 1 if design.one_date else n, width)), errors.shape)
    y = rng.uniform(0.5, 1.5, (reps, n, 1)) * market + rng.uniform(0.01, 0.04, (reps, n, 1)) * errors
    return y.reshape(-1, width), market.reshape(-1, width)


def placebos(y: Float64Array, m: Float64Array, length: int) -> Placebo:
    """CAR and SCAR at every placebo date, shape (rows, dates), by sums over moving windows (methods.md B1)."""
    inside = slice(ESTIMATION, 2 * ESTIMATION + 1 - length)  # first days of windows inside the estimation window

    def moving(values: Float64Array, width: int) -> Float64Array:
        summed = np.cumsum(np.pad(values, ((0, 0), (1, 0))), axis=1)
        return np.asarray(summed[:, width:] - summed[:, :-width])

    def before(values: Float64Array) -> Float64Array:
        return moving(values, ESTIMATION)[:, : ESTIMATION + 1 - length]

    def after(values: Float64Array) -> Float64Array:
        return moving(values, length)[:, inside]

    mean_y, mean_m = before(y) / ESTIMATION, before(m) / ESTIMATION
    s_mm = before(m * m) - ESTIMATION * mean_m**2
    s_my = before(m * y) - ESTIMATION * mean_m * mean_y
    s_yy = before(y * y) - ESTIMATION * mean_y**2
    beta = s_my / s_mm
    s2 = (s_yy - beta * s_my) / (ESTIMATION - 2)
    market = after(m) - length * mean_m
    car = after(y) - length * mean_y - beta * market
    se = np.sqrt(s2 * (length + length**2 / ESTIMATION + market**2 / s_mm))
    return Placebo(car=car, scar=car / se)


def run(
    label: str, n: int, length: int, reps: int, *, effect: float, names: Sequence[str], seed: int = 0
) -> list[dict[str, object]]:
    """Count in how many of `reps` studies each test is called valid, and rejects at 5 % as well."""
    has_placebos = names == PLACEBOS
    valid: Counter[str] = Counter()
    rejected: Counter[str] = Counter()
    rng = np.random.default_rng([seed, n, length, list(DESIGNS).index(label), int(effect > 0), int(has_placebos)])
    at_once = max(1, ROWS_AT_ONCE // n)
    order = [name for name in recommended() if name != "max_t_placebo"]
    for start in range(0, reps, at_once):
        count = min(at_once, reps - start)
        made = panels(DESIGNS[label], n, length, count, rng, effect=effect, has_placebos=has_placebos)
        for panel in made:
            p: dict[str, float] = {}
            for judged in validity(panel):
                if judged.is_valid and judged.name in names:
                    test = TESTS[judged.name].of_group(panel)
                    if with_number(judged, test).is_valid and test.p_value is not None:
                        p[judged.name] = test.p_value
            valid.update(p.keys())
            rejected.update(name for name, value in p.items() if value <= 0.05)
            first = next((name for name in order if name in p), None)
            if first is not None and not has_placebos:
                for name in (SHOWN, f"{SHOWN}: {first}"):
                    valid[name] += 1
                    rejected[name] += p[first] <= 0.05
    shared = {"design": label, "events": n, "days": length, "effect": effect, "draws": reps}
    return [{**shared, "test": name, "valid": valid[name], "rejected": rejected[name]} for name in sorted(valid)]


def read() -> list[dict[str, str]]:
    """Rows of the file, where there is one."""
    if not CSV.exists():
        return []
    with CSV.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def key(row: dict[str, str]) -> tuple[str, int, int, bool, bool]:
    return (row["design"], int(row["events"]), int(row["days"]), float(row["effect"]) > 0, row["test"] in PLACEBOS)


def write(rows: list[dict[str, object]]) -> None:
    """Put the rows in place of those of the same cell that have fewer draws."""
    new = [{name: str(row[name]) for name in FIELDS} for row in rows]
    replaced = {key(row) for row in new}
    kept = [row for row in read() if key(row) not in replaced]
    places = {label: place for place, label in enumerate(DESIGNS)}
    kept = sorted([*kept, *new], key=lambda row: (places[row["design"]], key(row), row["test"]))
    with CSV.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(kept)


def cells(designs: Sequence[str], sizes: Sequence[int] = SIZES) -> Iterator[tuple[str, int, int]]:
    """Every design, number of events and length."""
    yield from itertools.product(designs, sizes, LENGTHS)


def is_done(
    rows: Sequence[dict[str, str]], cell: tuple[str, int, int], draws: int, effect: float, places: bool
) -> bool:
    """Whether the file has that many draws of a cell."""
    wanted = (*cell, effect > 0, places)
    return any(key(row) == wanted and int(row["draws"]) >= draws for row in rows)


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Count how often tests that are called valid reject at the 5 % level.")
    parser.add_argument("--reps", type=int, default=5000)
    parser.add_argument("--power-reps", type=int, default=1000)
    parser.add_argument("--placebo-reps", type=int, default=1000)
    parser.add_argument("--designs", default=",".join(label for label in DESIGNS if "," not in label))
    parser.add_argument("--sizes", default=",".join(str(n) for n in SIZES))
    parser.add_argument("--page", action="store_true", help="write the tables into the page")
    options = parser.parse_args(argv)
    if options.page:
        PAGE.write_text(with_tables(PAGE.read_text("utf-8"), read()), encoding="utf-8")
        return
    others = tuple(name for name in group_tests() if name not in PLACEBOS)
    for names, reps, effect in (
        (others, options.power_reps, EFFECT),
        (PLACEBOS, options.placebo_reps, 0.0),
        (others, options.reps, 0.0),
    ):
        for cell in cells(options.designs.split(","), [int(n) for n in options.sizes.split(",")]):
            if names == PLACEBOS and cell[2] * PLACEBO_WINDOWS > ESTIMATION:
                continue  # the product calls none valid
            if reps and not is_done(read(), cell, reps, effect, names == PLACEBOS):
                write(run(*cell, reps, effect=effect, names=names))
                sys.stderr.write(f"{cell} effect {effect} {reps}\n")


# --- the page ---------------------------------------------------------------------------------------------------------

BEGIN, END = "<!-- size given valid: made by tests/simulation/valid.py -->", "<!-- end -->"


def with_tables(page: str, rows: Sequence[dict[str, str]]) -> str:
    """The page, with its tables made anew."""
    head, rest = page.split(BEGIN)
    return f"{head}{BEGIN}\n\n{tables(rows)}\n{END}{rest.split(END)[1]}"


def tables(rows: Sequence[dict[str, str]]) -> str:
    """A table of sizes for every design, and one of what a summary shows first."""
    held: dict[tuple[str, int, int, bool], dict[str, dict[str, str]]] = defaultdict(dict)
    for row in rows:
        held[row["design"], int(row["events"]), int(row["days"]), float(row["effect"]) > 0][row["test"]] = row
    out = []
    for label in DESIGNS:
        if any(place[0] == label for place in held):
            out += [f"### {label[0].upper()}{label[1:]}", "", *_sizes(label, held), "", *_first(label, held), ""]
    return "\n".join(out)


Held = dict[tuple[str, int, int, bool], dict[str, dict[str, str]]]


def _sizes(label: str, held: Held) -> Iterator[str]:
    columns = [(n, length) for n in SIZES for length in LENGTHS]
    draws = [held[label, n, length, False].get(SHOWN) for n, length in columns]
    yield "| test | " + " | ".join(f"{n}, {length}" for n, length in columns) + " |"
    yield "|---|" + "--:|" * len(columns)
    yield "| draws | " + " | ".join(f"{int(row['draws']):,}" if row else "–" for row in draws) + " |"
    for name in group_tests():
        cells = [_size(held[label, n, length, False].get(name)) for n, length in columns]
        if any(cell != "–" for cell in cells):
            yield f"| `{name}` | " + " | ".join(cells) + " |"


def _size(row: dict[str, str] | None) -> str:
    """Size in per cent where the test is called valid in most studies; bold above the limit, italic where low.

    Both by more than two standard errors of the size at the limit.
    """
    if row is None or int(row["valid"]) < CALLED * int(row["draws"]):
        return "–"
    rate = int(row["rejected"]) / int(row["valid"])
    text = f"{100 * rate:.1f}"
    high, low = (2 * math.sqrt(limit * (1 - limit) / int(row["valid"])) for limit in (LIMIT, CONSERVATIVE))
    return f"**{text}**" if rate > LIMIT + high else f"*{text}*" if rate < CONSERVATIVE - low else text


def _first(label: str, held: Held) -> Iterator[str]:
    yield "| events | days | shown first | valid | size | power |"
    yield "|--:|--:|---|--:|--:|--:|"
    for n in SIZES:
        for length in LENGTHS:
            null, power = held[label, n, length, False], held[label, n, length, True]
            if SHOWN not in null:
                yield f"| {n} | {length} | – | – | – | – |"
                continue
            names = [name for name in null if name.startswith(f"{SHOWN}: ")]
            most = max(names, key=lambda name: int(null[name]["valid"])).removeprefix(f"{SHOWN}: ")
            row = null[SHOWN]
            share = 100 * int(row["valid"]) / int(row["draws"])
            found = power.get(SHOWN)
            seen = f"{100 * int(found['rejected']) / int(found['valid']):.0f}" if found else "–"
            yield f"| {n} | {length} | `{most}` | {share:.0f} | {_size(row)} | {seen} |"


if __name__ == "__main__":
    main()
