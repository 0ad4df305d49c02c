"""How often each test rejects: a simulation that prints the tables of docs/validation.md.

Run from the top of the repository; five minutes of one core::

    python -m tests.simulation.size --reps 2000

Market model on 100 estimation days, the event day alone as window. The test-suite runs the same worlds with fewer
repetitions.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from eventstudy.abnormal import abnormal_returns, cumulate
from eventstudy.inference import effect, single
from eventstudy.inference.panel import Panel, Placebo
from eventstudy.records import Float64Array, Inference, Sample, StudySpec, Window
from eventstudy.registry.models import MODELS
from eventstudy.registry.tests import TESTS, group_tests
from tests.support.panels import panels

ESTIMATION = 100
SIZES = (1, 5, 20, 50)
OVERSIZED = 0.075  # printed in bold
PLACEBOS = ("placebo", "max_t_placebo")


@dataclass(frozen=True, kw_only=True)
class World:
    """How returns come about.

    Attributes
    ----------
    firms
        Number of events, each of a firm of its own.
    has_common_date
        All events on one day with one market; otherwise each has its own days and market.
    correlation
        Of the errors of two firms on the same day.
    event_variance
        Factor by which the error variance rises on the event day.
    effect
        Mean abnormal return on the event day.
    fat_tails
        Student t(4) errors in place of normal ones.
    deviation
        Lowest and highest daily standard deviation of a firm's error.
    """

    firms: int = 30
    has_common_date: bool = True
    correlation: float = 0.0
    event_variance: float = 1.0
    effect: float = 0.0
    fat_tails: bool = False
    deviation: tuple[float, float] = (0.01, 0.04)


WORLDS = {
    "apart": World(has_common_date=False, fat_tails=True),
    "one date": World(correlation=0.2, fat_tails=True),
    "wild": World(has_common_date=False, event_variance=2.0, fat_tails=True),
}
# Half the size of the daily deviation, which is the same for all firms: where MacKinlay's table 2 has 0.08 to 0.94.
POWER = World(has_common_date=False, effect=0.01, deviation=(0.02, 0.02))


def returns(world: World, rng: np.random.Generator, *, history: int = 0, length: int = 1) -> tuple[Float64Array, ...]:
    """Returns of the firms, shape (N, T), and of their market, shape (N, T, 1); the last `length` days are the event.

    `history` days come before the estimation window.
    """
    before = history + ESTIMATION
    shape = (world.firms + 1, before + length)
    shocks = rng.standard_t(4, shape) / np.sqrt(2) if world.fat_tails else rng.normal(size=shape)
    errors = np.sqrt(1 - world.correlation) * shocks[1:] + np.sqrt(world.correlation) * shocks[0]
    errors[:, before:] *= np.sqrt(world.event_variance)
    market = rng.normal(0.0, 0.01, (1 if world.has_common_date else world.firms, shape[1]))
    market = np.broadcast_to(market, errors.shape)
    y = rng.uniform(0.5, 1.5, (world.firms, 1)) * market + rng.uniform(*world.deviation, (world.firms, 1)) * errors
    y[:, before] += world.effect
    return y, market[:, :, None]


def draw(world: World, rng: np.random.Generator, *, length: int = 1, has_placebos: bool = False) -> Panel:
    """One study of `world`; placebo days need twice the history."""
    spec = StudySpec(
        returns="simple",
        estimation=(-ESTIMATION, -1),
        event_window=(0, length - 1),
        windows=[(0, length - 1)],
        draws=299,
    )
    history = ESTIMATION if has_placebos else 0
    y, x = returns(world, rng, history=history, length=length)
    placebos = {spec.windows[0]: re_estimated(y, x, spec)} if has_placebos else None
    apart = 0 if world.has_common_date else 10 * ESTIMATION
    days = apart * np.arange(world.firms)[:, None] + np.arange(ESTIMATION + length)
    (panel,) = panels(y[:, history:], x[:, history:], spec, days=days, placebos=placebos)
    return panel


def re_estimated(y: Float64Array, x: Float64Array, spec: StudySpec) -> Placebo:
    """Every window inside the estimation window, taken for the event with an estimation window of its own."""
    length, estimation = spec.event_window.length, spec.estimation.length
    dates = np.arange(estimation + 1 - length)
    place = dates[:, None] + np.arange(estimation + length)
    sample = Sample(
        tau=np.arange(-estimation, length),
        y=y[:, place].reshape(-1, place.shape[1]),
        x=x[:, place].reshape(-1, place.shape[1], 1),
        estimation=spec.estimation,
        event_window=spec.event_window,
    )
    fit = MODELS[spec.model](sample, spec)
    found = cumulate(fit, abnormal_returns(sample, fit), Window(0, length - 1), is_log=False)
    return Placebo(car=found.car.reshape(len(y), -1).T, scar=found.scar.reshape(len(y), -1).T)


def judge(name: str, panel: Panel) -> Inference:
    """Outcome of an aggregate test, or of a test of one event where there is only one."""
    if name in group_tests():
        return TESTS[name].of_group(panel)
    if panel.n > 1:
        return single.T.refuse("a test of one event", panel.n)
    if name == "t":
        (found,) = single.t_test(panel.car[:1], panel.se[:1], panel.df[:1], n=np.array([ESTIMATION]))
        return found
    (found,) = single.sample_quantile(
        panel.car[:1], np.asarray(panel.batch.fit.residuals[:1]), np.array([panel.window.length])
    )
    return found


def p_values(world: World, names: Sequence[str], reps: int, length: int, seed: int) -> Iterator[dict[str, float]]:
    """p of every test that can be computed, repetition by repetition."""
    has_placebos = any(name in PLACEBOS for name in names)
    for rng in np.random.default_rng(seed).spawn(reps):
        panel = draw(world, rng, length=length, has_placebos=has_placebos)
        found = {name: judge(name, panel).p_value for name in names}
        yield {name: p for name, p in found.items() if p is not None}


def rejections(
    world: World, names: Sequence[str], reps: int, *, length: int = 1, level: float = 0.05, seed: int = 0
) -> dict[str, float]:
    """Share of studies in which each test has p ≤ `level`; without those that can never be computed."""
    rejected: Counter[str] = Counter()
    computed: Counter[str] = Counter()
    for found in p_values(world, names, reps, length, seed):
        computed.update(found.keys())
        rejected.update(name for name, p in found.items() if p <= level)
    return {name: rejected[name] / computed[name] for name in names if computed[name]}


def table(columns: Mapping[str, Mapping[str, float]], names: Sequence[str], *, bold_above: float = math.inf) -> str:
    """Markdown, per cent: a row per test, a dash where it is not computed, bold where above `bold_above`."""
    lines = ["| test | " + " | ".join(columns) + " |", "|---|" + "--:|" * len(columns)]
    for name in names:
        cells = []
        for column in columns.values():
            cell = "–" if name not in column else f"{100 * column[name]:.1f}"
            cells.append(f"**{cell}**" if column.get(name, 0.0) > bold_above else cell)
        lines.append(f"| `{name}` | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def closed_form(n: int, rbar: float = 0.0) -> float:
    """Power of the z test with known variance against `POWER` (MacKinlay 1997, eq. 22), by the effective N."""
    return effect.power_z(POWER.effect, POWER.deviation[0], effect.effective_n(n, rbar))


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Print how often each test rejects, in per cent, at the 5 % level.")
    parser.add_argument("--reps", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(argv)
    apart = ["t", "sample_quantile", *(name for name in group_tests() if name not in PLACEBOS)]
    names = [*apart, *PLACEBOS]
    null = {
        f"{label}, {n}": rejections(
            replace(world, firms=n), names if world.has_common_date else apart, options.reps, seed=options.seed
        )
        for label, world in WORLDS.items()
        for n in SIZES
    }
    sys.stdout.write(f"{table(null, names, bold_above=OVERSIZED)}\n\n")
    power = {}
    for label, rbar in (("apart", 0.0), ("one date", 0.2)):
        world = replace(POWER, correlation=rbar, has_common_date=rbar > 0)
        for n in SIZES:
            found = rejections(replace(world, firms=n), apart, options.reps, seed=options.seed)
            power[f"{label}, {n}"] = {"closed form": closed_form(n, rbar), **found}
    sys.stdout.write(f"{table(power, ['closed form', *apart])}\n")


if __name__ == "__main__":
    main()
