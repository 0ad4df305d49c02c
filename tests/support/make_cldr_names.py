"""Make ``eventstudy/gazetteer/cldr.csv`` from Babel, whose tables are those of Unicode's CLDR.

``pip install babel`` and ``python -m tests.support.make_cldr_names``; the program itself needs no Babel. The names are
data files of Unicode, Inc. under the Unicode License V3, which stands beside them as ``LICENSE.unicode``.
"""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

GAZETTEER = Path(__file__).parents[2] / "eventstudy" / "gazetteer"
TODAY = dt.date(2026, 1, 1)  # currencies in use on this day


def rows() -> list[tuple[str, str, str, str]]:
    """Kind, code, country and names of each currency in use, and of each territory with one."""
    from babel import Locale
    from babel.numbers import get_currency_name, get_territory_currencies

    english = Locale("en")
    territories = sorted(code for code in english.territories if len(code) == 2 and code.isalpha())
    used = {code: get_territory_currencies(code, TODAY, TODAY) for code in territories}
    found = [
        ("country", code, used[code][0], english.territories[code])
        for code in territories
        if used[code] and code not in ("EU", "EZ", "UN", "ZZ")
    ]
    for currency in sorted({code for codes in used.values() for code in codes}):
        names = {get_currency_name(currency, locale="en")}
        names |= {get_currency_name(currency, count=count, locale="en") for count in (1, 2)}
        homes = [code for code in territories if currency in used[code]]
        home = currency[:2] if currency[:2] in homes else homes[0]
        found.append(("currency", currency, home, "|".join(sorted(names))))
    return found


def main() -> None:
    """Write the file."""
    with (GAZETTEER / "cldr.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(("kind", "code", "of", "names"))
        out.writerows(rows())


if __name__ == "__main__":
    main()
