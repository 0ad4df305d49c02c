"""Währungen, Indizes und die Titel der mitgelieferten Einstellungen."""

from __future__ import annotations

# Nach ISO-Code: wie sie als Subjekt heißt, und wogegen eine andere notiert (Dativ).
_BOTH = {
    "USD": ("der US-Dollar", "dem US-Dollar"),
    "EUR": ("der Euro", "dem Euro"),
    "JPY": ("der japanische Yen", "dem japanischen Yen"),
    "GBP": ("das britische Pfund", "dem britischen Pfund"),
    "CHF": ("der Schweizer Franken", "dem Schweizer Franken"),
    "CNY": ("der chinesische Yuan", "dem chinesischen Yuan"),
    "CNH": ("der Offshore-Yuan", "dem Offshore-Yuan"),
    "AUD": ("der australische Dollar", "dem australischen Dollar"),
    "CAD": ("der kanadische Dollar", "dem kanadischen Dollar"),
    "NZD": ("der neuseeländische Dollar", "dem neuseeländischen Dollar"),
    "SEK": ("die schwedische Krone", "der schwedischen Krone"),
    "NOK": ("die norwegische Krone", "der norwegischen Krone"),
    "DKK": ("die dänische Krone", "der dänischen Krone"),
    "ISK": ("die isländische Krone", "der isländischen Krone"),
    "PLN": ("der polnische Zloty", "dem polnischen Zloty"),
    "CZK": ("die tschechische Krone", "der tschechischen Krone"),
    "HUF": ("der ungarische Forint", "dem ungarischen Forint"),
    "RON": ("der rumänische Leu", "dem rumänischen Leu"),
    "BGN": ("der bulgarische Lew", "dem bulgarischen Lew"),
    "TRY": ("die türkische Lira", "der türkischen Lira"),
    "RUB": ("der russische Rubel", "dem russischen Rubel"),
    "KRW": ("der südkoreanische Won", "dem südkoreanischen Won"),
    "INR": ("die indische Rupie", "der indischen Rupie"),
    "IDR": ("die indonesische Rupiah", "der indonesischen Rupiah"),
    "MYR": ("der malaysische Ringgit", "dem malaysischen Ringgit"),
    "PHP": ("der philippinische Peso", "dem philippinischen Peso"),
    "SGD": ("der Singapur-Dollar", "dem Singapur-Dollar"),
    "THB": ("der thailändische Baht", "dem thailändischen Baht"),
    "HKD": ("der Hongkong-Dollar", "dem Hongkong-Dollar"),
    "TWD": ("der Taiwan-Dollar", "dem Taiwan-Dollar"),
    "BRL": ("der brasilianische Real", "dem brasilianischen Real"),
    "MXN": ("der mexikanische Peso", "dem mexikanischen Peso"),
    "ZAR": ("der südafrikanische Rand", "dem südafrikanischen Rand"),
    "ILS": ("der israelische Schekel", "dem israelischen Schekel"),
    "BTC": ("Bitcoin", "Bitcoin"),
    "ETH": ("Ether", "Ether"),
    "XAU": ("Gold", "Gold"),
    "XAG": ("Silber", "Silber"),
}
CURRENCIES = {code: nominative for code, (nominative, _) in _BOTH.items()}
COUNTERPARTS = {code: dative for code, (_, dative) in _BOTH.items()}
# Nach dem Symbol bei Yahoo.
INDICES = {
    "^GSPC": "der S&P 500",
    "^DJI": "der Dow Jones",
    "^IXIC": "der Nasdaq Composite",
    "^NDX": "der Nasdaq 100",
    "^RUT": "der Russell 2000",
    "^VIX": "der VIX",
    "^GDAXI": "der DAX",
    "^MDAXI": "der MDAX",
    "^STOXX50E": "der Euro Stoxx 50",
    "^STOXX": "der Stoxx Europe 600",
    "^FCHI": "der CAC 40",
    "^AEX": "der AEX",
    "^IBEX": "der Ibex 35",
    "^ATX": "der ATX",
    "^BFX": "der BEL 20",
    "^FTSE": "der FTSE 100",
    "^SSMI": "der SMI",
    "^N225": "der Nikkei 225",
    "^HSI": "der Hang Seng",
    "^AXJO": "der ASX 200",
    "DX-Y.NYB": "der ICE-Dollar-Index",
}
TITLES = {
    "the US dollar index (proxy on ECB fixings)": "der US-Dollar-Index (Näherung aus EZB-Kursen)",
    "the dollar factor (leave-one-out)": "der Dollar-Faktor (ohne den Wert selbst)",
}
PLURALS = frozenset(("aktien", "anleihen", "zinsen", "preise", "renditen", "optionen", "anteile", "staatsanleihen"))
