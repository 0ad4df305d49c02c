"""Settings: every mistake is one line that names file, key, value and remedy."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from eventstudy.config.load import load_config
from eventstudy.errors import ConfigError
from eventstudy.events.build import from_config
from eventstudy.registry.models import MODELS

SHIPPED = Path(__file__).parents[2] / "config.yaml"

SMALL = """\
version: 1
sources:
  ecb: {kind: ecb}
assets:
  EURUSD: {source: ecb}
  USDJPY: {source: ecb}
  pair:
    basket: {weights: {EURUSD: 1, USDJPY: -1}}
studies:
  - id: total
    model: constant-mean
    returns: simple
    estimation: [-135, -16]
    event_window: [-5, 5]
    windows: [[0, 0]]
events:
  - id: news
    title: News
    announced_at: "2023-03-17T07:00Z"
    assets: [EURUSD]
"""


def load(tmp_path: Path, text: str = SMALL, **environ: str):  # Config and its events
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    config = load_config(path, environ)
    return config, from_config(config, path.name)


def mistake(tmp_path: Path, text: str, **environ: str) -> list[str]:
    with pytest.raises(ConfigError if "announced_at:" in text else Exception) as caught:  # one tree
        load(tmp_path, text, **environ)
    return str(caught.value).splitlines()


def test_the_shipped_settings_are_right() -> None:
    config = load_config(SHIPPED, {})
    assert len(from_config(config)) == len(config.events)


# what is replaced, by what, and what the line must name: key, value, remedy
MISTAKES = [
    ("sources:", "sorces:", ["config.yaml: sorces", "unknown key", "did you mean 'sources'?"]),
    (
        "    returns: simple",
        "    returns: simple\n    retuns: log",
        ["studies[total].retuns", "did you mean 'returns'?"],
    ),
    ("{source: ecb}", "{sorce: ecb}", ["assets.EURUSD.sorce", "did you mean 'source'?"]),
    ("{source: ecb}", "{source: ebc}", ["assets.EURUSD", "'ebc'", "did you mean 'ecb'?"]),
    ("assets: [EURUSD]", "assets: [EURUSB]", ["events[news]", "'EURUSB'", "did you mean 'EURUSD'?"]),
    ("assets: [EURUSD]", "assets: [TRUE]", ["events[news].assets", "got True", "quotes"]),
    ("assets: [EURUSD]", "assets: [700]", ["events[news].assets", "got 700", "quotes"]),
    ("  EURUSD: {source: ecb}", "  700: {source: ecb}", ["line 5", "got 700", '"700"']),
    ("version: 1", "version: 2", ["config.yaml: version", "got 2"]),
    ("version: 1", "version: 1\nversion: 1", ["line 2", "twice"]),
    ("[-135, -16]", "[-135, -5]", ["studies[total].estimation", "overlaps the event window", "end it at -6"]),
    ("[-135, -16]", "[-16, -135]", ["studies[total].estimation", "-16:-135", "write -135:-16"]),
    ("[[0, 0]]", "[[0, 9]]", ["studies[total].windows", "[0,9]", "widen the event window"]),
    ("[[0, 0]]", "[]", ["studies[total]", "window"]),
    ("model: constant-mean", "model: market", ["studies[total]", "benchmark"]),
    ("model: constant-mean", "model: constant", ["studies[total].model", "'constant'", "constant-mean"]),
    ("returns: simple", "returns: percent", ["studies[total].returns", "'percent'", "simple"]),
    ("  - id: news", "  - id: News", ["'News'", "lower-case"]),
    ("title: News", "title: News\n    url: javascript:alert(1)", ["events[news].url", "javascript", "https://"]),
    ("kind: ecb", "kind: reuters", ["sources.ecb.kind", "'reuters'"]),
    ("weights: {EURUSD: 1, USDJPY: -1}", "weights: {EURUSD: much, USDJPY: -1}", ["weights", "'much'"]),
    ("weights: {EURUSD: 1, USDJPY: -1}", "weights: {EURUSX: 1, USDJPY: -1}", ["'EURUSX'", "did you mean 'EURUSD'?"]),
    ("assets: [EURUSD]", "assets: []", ["events[news]", "kind: context"]),
    ("studies:\n", "studies: 5\nx:\n", ["studies", "list"]),
    ("USDJPY: -1}}", "USDJPY: -1}, constnt: 2}", ["assets.pair.basket.constnt", "got 2", "did you mean 'constant'?"]),
    ("[-135, -16]", "[-999999999999, -16]", ["studies[total].estimation", "-999999999999:-16", "100000 sessions"]),
    ("[[0, 0]]", "[[-140, 0]]", ["studies[total].windows", "[-140,0]", "overlaps the estimation window"]),
    ("title: News", "title: [a, b]", ["events[news].title", "got ['a', 'b']", "write one value"]),
    ("assets: [EURUSD]", "assets: [1e3]", ["events[news].assets[0]", "got 1000.0", "quotes"]),
    ("  EURUSD: {source: ecb}", "  TRUE: {source: ecb}", ["line 5", "got True", '"TRUE"']),
    ("title: News", "title: News\n    title: Others", ["line 19", "'title'", "keep one of the two"]),
    (
        'announced_at: "2023-03-17T07:00Z"',
        'announced_between: ["2023-03-17T07:00Z", "2023-03-17T08:00Z", "2023-03-17T09:00Z"]',
        ["events[news].announced_between", "09:00Z", "[earliest, latest]"],
    ),
    ("{kind: ecb}", "{kind: yahoo, timeout: 0}", ["sources.ecb.timeout", "got 0", "greater than 0"]),
    ("returns: simple", "returns: simple\n    min_estimation: 500", ["min_estimation", "got 500", "120 sessions"]),
    (
        "model: constant-mean",
        "model: market\n    benchmark: EURUSX",
        ["benchmark", "'EURUSX'", "did you mean 'EURUSD'?"],
    ),
    ("model: constant-mean", "model: garch", ["studies[total].benchmark", "the garch model needs a benchmark"]),
    ("model: constant-mean", "model: factor", ["studies[total].factors", "needs the names of assets", "list some"]),
    ("model: constant-mean", "model: factor\n    factors: [EURUSD, X]", ["studies[total].factors", "'X'"]),
    (
        "model: constant-mean",
        "model: ff3\n    factors: [EURUSD, USDJPY]",
        ["studies[total].factors", "3 factors", "got ['EURUSD', 'USDJPY']", "mkt, smb, hml"],
    ),
    ("model: constant-mean", "model: comparison-mean\n    factors: [EURUSD]", ["factors", "'EURUSD'", "remove them"]),
    ("model: constant-mean", "model: constant-mean\n    lags: 2", ["studies[total].lags", "got 2", "remove it"]),
    (
        "model: constant-mean",
        "model: dimson\n    benchmark: EURUSD\n    variant: shared",
        ["studies[total].variant", "'shared'", "write aggregated or distributed"],
    ),
    (
        "model: constant-mean",
        "model: dimson\n    missing: lump\n    benchmark: EURUSD",
        ["studies[total].missing", "'lump'", "write drop"],
    ),
    ("returns: simple", "returns: simple\n    missing: fill", ["studies[total].missing", "'fill'", "lump"]),
    ("returns: simple", "returns: simple\n    tests: [t, placbo]", ["tests", "'placbo'", "did you mean 'placebo'?"]),
    ("returns: simple", "returns: simple\n    tests: [placebo]", ["studies[total].tests", "got ['placebo']", "add t"]),
    ("returns: simple", "returns: simple\n    seed: -1", ["studies[total].seed", "got -1"]),
    ("{source: ecb}", "{source: ecb, calendar: NYSE2}", ["assets.EURUSD.calendar", "'NYSE2'", "did you mean 'NYSE'?"]),
]


@pytest.mark.parametrize(("old", "new", "named"), MISTAKES, ids=[m[1].strip()[:40] for m in MISTAKES])
def test_a_mistake_is_one_line_with_file_key_value_and_remedy(
    tmp_path: Path, old: str, new: str, named: list[str]
) -> None:
    assert SMALL.count(old) >= 1
    lines = mistake(tmp_path, SMALL.replace(old, new, 1))
    line = next(line for line in lines if all(part in line for part in named))
    assert line.startswith("config.yaml")


def test_an_id_that_stands_twice(tmp_path: Path) -> None:
    again = SMALL + SMALL[SMALL.index("  - id: news") :]
    assert "'news'" in mistake(tmp_path, again)[0]
    assert "twice" in mistake(tmp_path, again)[0]


def test_several_mistakes_are_a_line_each(tmp_path: Path) -> None:
    lines = mistake(tmp_path, SMALL.replace("returns: simple", "returns: x").replace("kind: ecb", "kind: y"))
    assert len(lines) == 2


@pytest.mark.parametrize("word", ["ON", "NO", "Y", "0700", "1e3x", "16:30", "NULLX"])
def test_tickers_stay_text(tmp_path: Path, word: str) -> None:
    text = SMALL.replace("  EURUSD: {source: ecb}", f"  EURUSD: {{source: ecb}}\n  {word}: {{source: ecb}}")
    config, events = load(tmp_path, text.replace("assets: [EURUSD]", f"assets: [{word}]"))
    assert events[0].assets == (word,)
    assert word in config.assets


def test_naive_times_are_refused_with_what_to_write(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="a time without a zone") as caught:
        load(tmp_path, SMALL.replace("07:00Z", "07:00"))
    line = str(caught.value)
    assert line.startswith("config.yaml: events[news].announced_at")
    assert "2023-03-17T07:00" in line
    assert "Asia/Shanghai" in line
    assert "\n" not in line


def test_overrides_from_the_environment(tmp_path: Path) -> None:
    config, _ = load(
        tmp_path,
        EVENTSTUDY_DATABASE="elsewhere.db",
        EVENTSTUDY_SCHEDULE__AT="22:15:30",
        EVENTSTUDY_STUDIES__TOTAL__ALPHA="0.01",
        EVENTSTUDY_STUDIES__TOTAL__WINDOWS="[[0, 1]]",
        EVENTSTUDY_CONFIG="ignored",
        HOME="ignored",
    )
    assert config.database == Path("elsewhere.db")
    assert config.schedule.at == "22:15:30"
    assert config.studies[0].alpha == 0.01
    assert config.studies[0].to_spec().windows[0].end == 1


@pytest.mark.parametrize(
    ("variable", "hint"),
    [
        ("EVENTSTUDY_DATABSE", "DATABASE"),
        ("EVENTSTUDY_SCHEDULE__ATT", "AT"),
        ("EVENTSTUDY_STUDIES__TOTLA__ALPHA", "TOTAL"),
        ("EVENTSTUDY_STUDIES__TOTAL__ALPA", "ALPHA"),
        ("EVENTSTUDY_SOURCES__ECB__KIN", "KIND"),
    ],
)
def test_a_misspelt_variable_is_an_error_at_every_level(tmp_path: Path, variable: str, hint: str) -> None:
    lines = mistake(tmp_path, SMALL, **{variable: "1"})
    assert variable in lines[0]
    assert hint in lines[0]


def test_a_wrong_value_from_the_environment_names_the_variable(tmp_path: Path) -> None:
    assert "EVENTSTUDY_STUDIES__TOTAL__ALPHA" in mistake(tmp_path, SMALL, EVENTSTUDY_STUDIES__TOTAL__ALPHA="2")[0]


@pytest.mark.parametrize("text", ["", "- 1", "a: [", "\x00", "version: 1\n  x: 2"])
def test_files_that_are_no_settings(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"config\.yaml"):
        load(tmp_path, text)


def _aliases(levels: int) -> str:
    lines = [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, levels)]
    return "\n".join(["a0: &a0 [x, x]", *lines, ""])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (_aliases(9), "s.yaml, line 5: aliases repeat too much; write the values out"),
        ("a: &a [1, *a]\n", "s.yaml, line 1: a value that holds itself"),
        ("retry:\n  attempts: " + "9" * 6000, "s.yaml, line 2: a number of 6,000 digits; write at most 300"),
        ("a: " + "[" * 900 + "]" * 900, "s.yaml: lists within lists, too deep to read"),
    ],
)
def test_what_would_take_all_memory_or_time_is_one_line(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "s.yaml").write_text(text)
    started = time.process_time()
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path / "s.yaml", environ={})
    assert str(caught.value).startswith(says)
    assert time.process_time() - started < 1.0


def test_aliases_that_repeat_little_are_read(tmp_path: Path) -> None:
    text = SMALL.replace("weights: {EURUSD: 1, USDJPY: -1}", "weights: &both {EURUSD: 1, USDJPY: -1}")
    text = text.replace("studies:", "  twin:\n    basket: {weights: *both}\nstudies:")
    config, _ = load(tmp_path, text)
    assert config.assets["twin"].basket == config.assets["pair"].basket


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        load_config(tmp_path / "none.yaml", {})


@pytest.mark.parametrize("model", MODELS)
def test_a_study_may_have_any_model(tmp_path: Path, model: str) -> None:
    entry = MODELS[model]
    count = len(entry.factors) or (2 if entry.regressors in ("factors", "peers") else 0)
    more = "\n    benchmark: EURUSD" if entry.needs_benchmark else ""
    names = (["EURUSD", "USDJPY", "pair"] * 2)[:count]
    more += f"\n    factors: [{', '.join(names)}]" if count else ""
    study = load(tmp_path, SMALL.replace("model: constant-mean", f"model: {model}{more}"))[0].studies[0]
    spec = study.to_spec()
    assert spec.model == ("factor" if entry.factors else model)
    assert len(study.explained_by) == (count or int(entry.needs_benchmark))
    assert study.ahead == (135 if model == "comparison-mean" else 5)
    assert study.back == 270 + (model == "dimson")
