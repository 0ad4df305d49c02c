"""How often does each test reject: a long simulation that prints a table.

Run from the top of the repository:

    python -m tests.simulation.size --reps 5000

Thirty firms, 100 estimation days, market model,. The
test-suite runs the same with fewer repetitions.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from eventstudy.inference import AGGREGATE_TESTS
from eventstudy.records import Float64Array, StudySpec
from tests.support.panels import panels

FIRMS, ESTIMATION = 30, 100


@dataclass(frozen=True, kw_only=True)
class World:
    """How returns come about.

    Attributes
    ----------
    correlation
        Of the errors of two firms on the same day.
    event_variance
        Factor by which the error variance rises on the event day.
    effect
        Mean abnormal return on the event day.
    fat_tails
        Student t(4) errors in place of normal ones.
    """

    correlation: float = 0.0
    event_variance: float = 1.0
    effect: float = 0.0
    fat_tails: bool = False


WORLDS = {
    "normal": World(),
    "t4": World(fat_tails=True),
    "event-var": World(event_variance=2.0),
    "xcorr": World(correlation=0.2),
    "both": World(correlation=0.2, event_variance=2.0),
    "power": World(effect=0.005),
}


def returns(world: World, rng: np.random.Generator, length: int) -> tuple[Float64Array, Float64Array]:
    """Returns of the firms, shape (FIRMS, T), and of the market, shape (T, 1); the event is `length` days long."""
    t = ESTIMATION + length
    market = rng.normal(0.0, 0.01, t)
    shape = (FIRMS + 1, t)
    shocks = rng.standard_t(4, shape) / np.sqrt(2) if world.fat_tails else rng.normal(size=shape)
    errors = np.sqrt(1 - world.correlation) * shocks[1:] + np.sqrt(world.correlation) * shocks[0]
    errors[:, ESTIMATION:] *= np.sqrt(world.event_variance)
    sd = rng.uniform(0.01, 0.04, (FIRMS, 1))
    y = rng.uniform(0.5, 1.5, (FIRMS, 1)) * market + sd * errors
    y[:, ESTIMATION] += world.effect
    return y, market[:, None]


def p_values(world: World, names: Sequence[str], reps: int, length: int, seed: int) -> Iterator[dict[str, float]]:
    """p of every test, repetition by repetition."""
    spec = StudySpec(
        returns="simple",
        estimation=(-ESTIMATION, -1),
        event_window=(0, length - 1),
        windows=[(0, length - 1)],
        draws=299,
    )
    for rng in np.random.default_rng(seed).spawn(reps):
        (panel,) = panels(*returns(world, rng, length), spec)
        found = {name: AGGREGATE_TESTS[name](panel).p_value for name in names}
        yield {name: p for name, p in found.items() if p is not None}


def rejections(
    world: World, names: Sequence[str], reps: int, *, length: int = 1, level: float = 0.05, seed: int = 0
) -> dict[str, float]:
    """Share of repetitions in which each test has p ≤ `level`."""
    rejected: Counter[str] = Counter()
    for found in p_values(world, names, reps, length, seed):
        rejected.update(name for name, p in found.items() if p <= level)
    return {name: rejected[name] / reps for name in names}


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Print rejection rates, in per cent, at the nominal level.")
    parser.add_argument("--reps", type=int, default=5000)
    parser.add_argument("--length", type=int, default=1, help="days in the window")
    parser.add_argument("--level", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(argv)
    names = [name for name in AGGREGATE_TESTS if "placebo" not in name]
    table = {
        label: rejections(world, names, options.reps, length=options.length, level=options.level, seed=options.seed)
        for label, world in WORLDS.items()
    }
    sys.stdout.write(f"{'test':24}" + "".join(f"{label:>11}" for label in table) + "\n")
    for name in names:
        sys.stdout.write(f"{name:24}" + "".join(f"{100 * column[name]:11.1f}" for column in table.values()) + "\n")


if __name__ == "__main__":
    main()
