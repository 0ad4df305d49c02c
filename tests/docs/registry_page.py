"""Make docs/models.md from the registries themselves: ``python -m tests.docs.registry_page`` writes it."""

from __future__ import annotations

from pathlib import Path

from eventstudy.registry.models import MODELS, Model
from eventstudy.registry.tests import TESTS, SignificanceTest

PAGE = Path(__file__).parents[2] / "docs" / "models.md"

HEAD = """\
# Models and tests

What `--model` and `--tests` of `eventstudy study`, the settings and `StudySpec` know. This page is made from the
registries (`python -m tests.docs.registry_page`), and a test keeps it so.

## Models

*In the settings*: whether `studies[].model` takes it, which needs a model that reads no more than an asset, a benchmark
and the days of its windows. *Placebo days*: whether they are estimated without being asked for.
"""
TESTS_HEAD = """\
## Tests

*Of* says whether a test judges one event, or a group of them. A test of a group is valid when it has a number and the
events that it needs, and nothing in their dates, correlation, variance and tails, nor the length of the window, speaks
against it; the results say which test is, and why or why not.
"""
TAIL = """\
## Plug-ins

Any installed distribution can bring models and tests. It names an entry under the entry point groups
`eventstudy.models` and `eventstudy.tests`:

```toml
[project.entry-points."eventstudy.models"]
half-market = "desk_models:HALF"
```

Help, settings, studies and error messages then know the name. The module of the entry is loaded to read it, so it
imports nothing heavy; the code, `module:function`, is loaded when it is called. A name of ours stays ours.

```python
from eventstudy.models.linear import benchmark, fit_difference
from eventstudy.registry.models import Model

HALF = Model(name="half-market", words="half the return of {benchmark}", fit="desk_models:fit_half")


def fit_half(sample, spec):  # a records.Sample and the StudySpec; gives a records.Fit
    return fit_difference(sample, spec, 0.5 * benchmark(sample))
```

A test is a `SignificanceTest` of `eventstudy.registry.tests`. Its function takes an `EventWindow`
(`eventstudy.inference.single`) or a `Panel` (`eventstudy.inference.panel`) and gives an `Inference`, with a number or
with the reason why there is none:

```python
from eventstudy.inference.laws import Hypothesis
from eventstudy.registry.tests import SignificanceTest

RISES = SignificanceTest(
    name="all_rise",
    null="a rise is as likely as a fall",
    law="exact",
    source="by hand",
    group="desk_models:all_rise",
    fewest=1,
    holds_for="independent events",
    valid_from=6,
    needs=("independent",),
)


def all_rise(panel):
    says, rises = Hypothesis.of(RISES), int((panel.car > 0).sum())
    if panel.n < RISES.fewest:
        return says.refuse("there is no event", panel.n)
    return says.report(rises / panel.n, 0.5**panel.n if rises == panel.n else 1.0, panel.n)
```
"""
REGRESSORS = {"none": "", "benchmark": "benchmark", "factors": "factors", "peers": "other assets"}


def yes(value: bool) -> str:
    return "yes" if value else "no"


def model_row(model: Model) -> str:
    cells = (
        f"`{model.name}`",
        model.words.format(benchmark="the benchmark"),
        ", ".join(model.factors) or REGRESSORS[model.regressors],
        ", ".join(f"`{variant}`" for variant in model.variants),
        yes(not model.is_iterative),
    )
    return f"| {' | '.join(cells)} |"


def test_row(test: SignificanceTest) -> str:
    of = " and ".join(word for word, code in (("event", test.is_of_events), ("group", test.group)) if code)
    holds = f"{test.holds_for}; from {test.valid_from} events" if test.group and test.valid_from > 1 else test.holds_for
    return f"| `{test.name}` | {of} | {test.null} | {test.law} | {holds} | {test.source} |"


def page() -> str:
    """The whole text."""
    models = "| model | what it expects | explained by | variants | placebo days |\n" + "|---" * 5 + "|"
    tests = "| test | of | null hypothesis | law | valid for | source |\n" + "|---" * 5 + "|"
    return "\n".join(
        [HEAD, models, *map(model_row, MODELS.ours), "", TESTS_HEAD, tests, *map(test_row, TESTS.ours), "", TAIL]
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
