"""Work in parts: results in order, and how far it is."""

from __future__ import annotations

from eventstudy import parallel


def test_who_watches_is_told_of_every_part_of_what_has_several():
    seen: list[tuple[int, int]] = []
    parallel.watch(lambda done, total: seen.append((done, total)))
    try:
        assert list(parallel.in_order(lambda x: x * x, range(4))) == [0, 1, 4, 9]
        assert list(parallel.in_order(lambda x: x * x, [3])) == [9]
    finally:
        parallel.watch(None)
    list(parallel.in_order(abs, range(3)))
    assert seen == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]
