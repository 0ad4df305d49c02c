"""What articles call the currencies that pairs are made of, and the indices of the dollar."""

from __future__ import annotations

NAMES: dict[str, tuple[str, ...]] = {
    "USD": ("US dollar", "U.S. dollar", "U.S. currency", "US currency", "greenback", "dollar", "buck"),
    "EUR": ("euro", "single currency", "common currency", "shared currency"),
    "JPY": ("yen", "Japanese yen", "Japanese currency", "Japan's currency"),
    "GBP": ("pound", "pound sterling", "British pound", "sterling", "cable"),
    "CHF": ("Swiss franc", "franc", "swissie"),
    "CNY": ("yuan", "onshore yuan", "Chinese yuan", "renminbi", "Chinese currency"),
    "CNH": ("offshore yuan",),
    "CAD": ("Canadian dollar", "loonie"),
    "AUD": ("Australian dollar", "aussie", "Aussie dollar"),
    "NZD": ("New Zealand dollar", "kiwi", "kiwi dollar"),
    "SEK": ("Swedish krona", "Swedish crown"),
    "NOK": ("Norwegian krone", "Norwegian crown"),
    "DKK": ("Danish krone",),
    "PLN": ("zloty", "Polish zloty"),
    "CZK": ("koruna", "Czech koruna", "Czech crown"),
    "HUF": ("forint", "Hungarian forint"),
    "RON": ("Romanian leu",),
    "TRY": ("lira", "Turkish lira"),
    "RUB": ("rouble", "ruble", "Russian rouble", "Russian ruble", "Russian currency"),
    "ZAR": ("rand", "South African rand"),
    "INR": ("rupee", "Indian rupee"),
    "IDR": ("rupiah", "Indonesian rupiah"),
    "KRW": ("won", "Korean won", "South Korean won"),
    "THB": ("baht", "Thai baht"),
    "MYR": ("ringgit", "Malaysian ringgit"),
    "PHP": ("Philippine peso",),
    "SGD": ("Singapore dollar",),
    "HKD": ("Hong Kong dollar",),
    "MXN": ("Mexican peso", "peso"),
    "BRL": ("real", "Brazilian real"),
    "ILS": ("shekel", "Israeli shekel"),
}
# Words that mean something else more often: only behind "the".
AMBIGUOUS = frozenset({"won", "real", "cable", "kiwi", "buck", "rand"})

# Indices of the dollar: their own names, and the symbols that sources have for them.
DOLLAR_INDICES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "BBDXY": (
        ("Bloomberg Dollar Spot Index", "Bloomberg Dollar Index", "Bloomberg's dollar index", "BBDXY"),
        ("BBDXY",),
    ),
    "DXY": (
        (
            *("ICE US dollar index", "ICE dollar index", "U.S. dollar index", "US dollar index", "dollar index"),
            *("dollar gauge", "gauge of the dollar", "DXY"),
        ),
        ("DX-Y.NYB", "DX=F", "DXY", "^DXY"),
    ),
}
