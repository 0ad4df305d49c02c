"""How a cluster is named: ``local:4``, or the address of a scheduler of dask."""

from __future__ import annotations

import re

from eventstudy.errors import InputError

LOCAL = re.compile(r"local:([1-9]\d{0,3})")
ADDRESS = re.compile(r"(tcp|tls|ucx|ws|wss)://\S+")
REMEDY = "write local:4, or tcp://host:8786"


def is_cluster(text: str) -> bool:
    """Whether a text names workers."""
    return bool(LOCAL.fullmatch(text) or ADDRESS.fullmatch(text))


def named(text: str) -> str:
    """The name of a cluster.

    Raises
    ------
    InputError
        When it is none.
    """
    if not is_cluster(text):
        raise InputError("is no cluster", where="cluster", value=text, remedy=REMEDY)
    return text
