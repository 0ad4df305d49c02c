"""Values as YAML that every reader takes for what they are: what `strict_yaml` reads, written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def text(value: str) -> str:
    """A value in double quotes, in characters that every reader of YAML takes for text."""
    out = json.dumps(value, ensure_ascii=False)
    return "".join(
        c if c.isprintable() else f"\\u{ord(c):04x}" if ord(c) < 0x10000 else f"\\U{ord(c):08x}" for c in out
    )


def json_flow(value: Any) -> str:
    """A value as YAML in one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key_of(key)}: {json_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(json_flow, value)) + "]"
    if isinstance(value, str):
        return key_of(value)
    return json.dumps(value)


def key_of(value: str) -> str:
    """A word without quotes where YAML reads it as the same text."""
    is_plain = value.isascii() and value[:1].isalpha() and all(c.isalnum() or c in "-_./^" for c in value)
    return (
        value if is_plain and value.lower() not in ("true", "false", "null", "yes", "no", "on", "off") else text(value)
    )
