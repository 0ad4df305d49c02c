"""The stand-in for Yahoo speaks as the stored answers do."""

import json
from pathlib import Path

from tests.support.yahoo_server import chart

STORED = Path(__file__).parents[1] / "data" / "yahoo" / "gs_1d_2023-10.json"


def shape(value):
    """Keys all the way down, and the type of what they hold; a list is known by its first member."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    return [shape(value[0])] if isinstance(value, list) and value else type(value)


def missing(made, real, path=""):
    """What `made` has and `real` has not, or of another type."""
    if isinstance(made, dict):
        return [p for key in made for p in missing(made[key], real.get(key), f"{path}/{key}")]
    if isinstance(made, list):
        return missing(made[0], real[0], f"{path}[]")
    return [] if made == real else [path]


def test_a_made_up_answer_has_the_shape_of_a_real_one():
    made = chart([("2023-10-02 09:30", 318.5), ("2023-10-03 09:30", 306.12)])
    assert made["chart"]["result"][0].pop("events") == {}  # asked for, and absent where there is none
    assert missing(shape(made), shape(json.loads(STORED.read_text()))) == []
