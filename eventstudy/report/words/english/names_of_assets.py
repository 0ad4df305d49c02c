"""Assets that the settings give no title: what a sentence calls a currency or an index."""

from __future__ import annotations

# By ISO code.
CURRENCIES = {
    "USD": "the US dollar",
    "EUR": "the euro",
    "JPY": "the Japanese yen",
    "GBP": "the pound",
    "CHF": "the Swiss franc",
    "CNY": "the Chinese yuan",
    "CNH": "the offshore yuan",
    "AUD": "the Australian dollar",
    "CAD": "the Canadian dollar",
    "NZD": "the New Zealand dollar",
    "SEK": "the Swedish krona",
    "NOK": "the Norwegian krone",
    "DKK": "the Danish krone",
    "ISK": "the Icelandic krona",
    "PLN": "the Polish zloty",
    "CZK": "the Czech koruna",
    "HUF": "the Hungarian forint",
    "RON": "the Romanian leu",
    "BGN": "the Bulgarian lev",
    "TRY": "the Turkish lira",
    "RUB": "the Russian rouble",
    "KRW": "the South Korean won",
    "INR": "the Indian rupee",
    "IDR": "the Indonesian rupiah",
    "MYR": "the Malaysian ringgit",
    "PHP": "the Philippine peso",
    "SGD": "the Singapore dollar",
    "THB": "the Thai baht",
    "HKD": "the Hong Kong dollar",
    "TWD": "the Taiwan dollar",
    "BRL": "the Brazilian real",
    "MXN": "the Mexican peso",
    "ZAR": "the South African rand",
    "ILS": "the Israeli shekel",
    "BTC": "bitcoin",
    "ETH": "ether",
    "XAU": "gold",
    "XAG": "silver",
}
# By Yahoo's symbol.
INDICES = {
    "^GSPC": "the S&P 500",
    "^DJI": "the Dow Jones",
    "^IXIC": "the Nasdaq Composite",
    "^NDX": "the Nasdaq 100",
    "^RUT": "the Russell 2000",
    "^VIX": "the VIX",
    "^GDAXI": "the DAX",
    "^MDAXI": "the MDAX",
    "^STOXX50E": "the Euro Stoxx 50",
    "^STOXX": "the Stoxx Europe 600",
    "^FCHI": "the CAC 40",
    "^AEX": "the AEX",
    "^IBEX": "the Ibex 35",
    "^ATX": "the ATX",
    "^BFX": "the BEL 20",
    "^FTSE": "the FTSE 100",
    "^SSMI": "the SMI",
    "^N225": "the Nikkei 225",
    "^HSI": "the Hang Seng",
    "^AXJO": "the ASX 200",
    "DX-Y.NYB": "the ICE dollar index",
}
# Last words of names that take the plural.
PLURALS = frozenset(
    (
        *("shares", "stocks", "bonds", "futures", "treasuries", "gilts", "bunds", "bills", "notes", "yields", "prices"),
        *("options", "certificates", "units", "receipts", "adrs", "contracts", "etfs", "funds", "holdings"),
    )
)
