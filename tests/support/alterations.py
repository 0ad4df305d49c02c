"""Accidents to stored values: one bit flipped, or a number gone."""

from __future__ import annotations

import random
import sqlite3
import struct
from typing import Any


def altered(value: Any, chance: random.Random) -> Any:
    """The value with one bit of it flipped, or gone."""
    if value is None:
        return 0.5
    if isinstance(value, float):
        if not chance.randrange(10):
            return None
        [bits] = struct.unpack("<Q", struct.pack("<d", value))
        [value] = struct.unpack("<d", struct.pack("<Q", bits ^ (1 << chance.randrange(64))))
        return value
    if isinstance(value, int):
        return value ^ (1 << chance.randrange(20))
    raw = bytearray(value if isinstance(value, bytes) else value.encode())
    raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
    return bytes(raw) if isinstance(value, bytes) else bytes(raw).decode("utf-8", "replace")


def alter_any(connection: sqlite3.Connection, chance: random.Random) -> str:
    """Alter one stored value of any table; say which.

    A bit that flips sets no trigger off and asks no constraint, except that a row keeps a place of its own.
    """
    triggers = connection.execute("select name, sql from sqlite_master where type = 'trigger'").fetchall()
    names = "select name from sqlite_master where type = 'table' and name not like '\\_%' escape '\\' order by 1"
    tables = [name for (name,) in connection.execute(names) if not name.startswith("sqlite_")]
    filled = [name for name in tables if connection.execute(f"select 1 from {name}").fetchone()]
    connection.execute("pragma ignore_check_constraints = 1")
    for name, _ in triggers:
        connection.execute(f"drop trigger {name}")
    while True:
        table = chance.choice(filled)
        info = connection.execute(f"pragma table_info({table})").fetchall()
        column = chance.choice(info)[1]
        keys = [row[1] for row in info if row[5]]
        *key, value = chance.choice(connection.execute(f"select {', '.join(keys)}, {column} from {table}").fetchall())
        new = altered(value, chance) if value not in ("", None) else value
        if new == value:
            continue
        try:
            where = " and ".join(f"{name} is ?" for name in keys)
            done = connection.execute(f"update {table} set {column} = ? where {where}", (new, *key)).rowcount
        except sqlite3.Error:
            continue
        if done:
            break
    for _, sql in triggers:
        connection.execute(sql)
    return f"{table}.{column} of {key}: {value!r:.60} became {new!r:.60}"
