"""What is read out of sentences, against a table by hand."""

from __future__ import annotations

import random

import pytest

from eventstudy.claims.grammar import find_claims
from eventstudy.claims.names import finder
from eventstudy.claims.numbers import read_number
from tests.support.readings import brief

NAMES = finder(
    [
        *[(name, "BBDXY", "index") for name in ("Bloomberg Dollar Spot Index",)],
        *[(name, "DXY", "index") for name in ("dollar index",)],
        *[(name, "USD", "currency") for name in ("dollar", "greenback", "US dollar")],
        *[(name, "JPY", "currency") for name in ("yen", "Japanese currency")],
        *[(name, "GBP", "currency") for name in ("pound", "sterling")],
        *[("euro", "EUR", "currency"), ("loonie", "CAD", "currency"), ("franc", "CHF", "currency")],
        *[(name, "brent", "commodity") for name in ("Brent", "Brent crude", "oil")],
        *[("gold", "gold", "commodity"), ("S&P 500", "SPX", "index"), ("Acme", "ACME", "company")],
        *[("10-year Treasury yield", "UST10", "yield"), ("Treasuries", "UST10", "yield"), ("AAA", "AAA", "asset")],
    ]
)
OUTSIDE = "it speaks of trading outside of the session, of which there are no prices"
OTHER_TIME = "is a time over which no move is counted"
FUTURES = "it speaks of futures, which are not the index itself"
BONDS = "it speaks of bonds, whose prices fall when yields rise, and only yields are on file"
WHICH_DAY = "it speaks of a time before, and does not say of which day"
UNCLEAR = "each name has a number of its own, and which is not clear"
FORECAST = "it speaks of what may come, not of what was"
SENTENCES = {
    # the founding example
    "The Bloomberg Dollar Spot Index extended its loss after the news of the visit, falling as much as 0.5%.": [
        "BBDXY down extended after",
        "BBDXY down max 0.5%",
    ],
    # "will" of another verb is no forecast of what stands behind the next comma
    "The dollar index extended its loss after news that Xi will travel to Russia next week, falling as much as 0.5%.": [
        "DXY down extended after",
        "DXY down max 0.5%",
    ],
    "The euro fell after the ECB said it will raise rates next month, dropping 0.6% to $1.05.": [
        "EUR down",
        "EUR down 0.6% to 1.05",
    ],
    "Acme slid after saying it would cut 500 jobs, losing as much as 4%.": ["ACME down", "ACME down max 4%"],
    "Shares of Acme, which will report earnings next week, fell 3%.": ["ACME down 3%"],
    "Gold fell 1% on bets the Fed may hike again, touching $1,900.": ["gold down 1%", "gold to 1900 touched"],
    "The yen may strengthen, rising as much as 2%.": [f"JPY up | {FORECAST}", f"JPY up max 2% | {FORECAST}"],
    "The dollar could fall next week, dropping as much as 2%.": [
        f"USD down | {FORECAST}",
        f"USD down max 2% | {FORECAST}",
    ],
    # levels that were not seen for long, runs of days, and parts of an index
    "The euro climbed as high as $1.0930, a level not seen since Feb. 2.": [
        "EUR up to 1.093 touched high since Feb. 2"
    ],
    "The yen sank to a level not seen since 1990.": ["JPY down low since 1990"],
    "The euro climbed as high as $1.0930, a level last seen on Feb. 2.": ["EUR up to 1.093 touched"],
    "The franc firmed, ending a five-day losing streak.": ["CHF up"],
    "The S&P 500 rose 1%, extending its winning streak to five days.": ["SPX up 1%"],
    "All 11 sectors of the S&P 500 closed lower, led by a 3.3% drop in financials.": ["? down close", "? down 3.3%"],
    "The S&P 500 slid 1%, led by a 5% fall in Acme.": ["SPX down 1%", "ACME down 5%"],
    # times that hold for a list, and the base of a price
    "The S&P 500 lost 0.15% for the week, the euro climbed 1.43%, and the yen surged 4%.": [
        "SPX down 0.15% week",
        "EUR up 1.43% week",
        "JPY up 4% week",
    ],
    "The S&P 500 lost 2% for the week, while the euro climbed 1% on Friday.": ["SPX down 2% week", "EUR up 1% Fri"],
    "The yen ended at 132.5 per dollar, compared with 133.2 in the previous session.": [
        "JPY from 133.2 to 132.5 vs USD close"
    ],
    # verbs, sizes, prices
    "Brent crude rose 2.3% to $82.10 a barrel.": ["brent up 2.3% to 82.1"],
    "Brent closed 0.5% lower at 74.97.": ["brent down 0.5% to 74.97 close"],
    "Gold, up 1.2%, traded at $1,970 an ounce.": ["gold up 1.2%", "gold to 1970 traded"],
    "The S&P 500 lost 43.6 points, or 1.1%, to 3,916.64.": ["SPX down 43.6pts", "SPX down 1.1% to 3916.64"],
    "Brent fell $1.73, or 2.3%, to settle at $72.97 a barrel.": [
        "brent down 1.73money close",
        "brent down 2.3% to 72.97 close",
    ],
    "The 10-year Treasury yield fell 12 basis points to 3.46%.": ["UST10 down 12bp to 3.46"],
    "The greenback lost half a percent, while the Japanese currency climbed 0.8 per cent.": [
        "USD down 0.5%",
        "JPY up 0.8%",
    ],
    "Sterling gained three-quarters of a percent.": ["GBP up 0.75%"],
    "The pound fell one and a half percent.": ["GBP down 1.5%"],
    "AAA rose 1\u00bd%.": ["AAA up 1.5%"],
    "AAA fell \u22122%.": ["AAA down 2%"],
    "The franc surged nearly 20% against the euro on Thursday.": ["CHF up <~20% vs EUR Thu"],
    "The yen weakened 0.4% to 133.45 per dollar.": ["JPY down 0.4% to 133.45 vs USD"],
    "The yen strengthened past 133 per dollar.": ["JPY up to >133 vs USD"],
    "AAA fell below 100, a two-year low.": ["AAA down to <100 low since two years"],
    "The yen fell to as low as 134.2 on Friday.": ["JPY down to 134.2 touched Fri"],
    # bounds, nouns, headlines
    "AAA rose at least 2% and closed at 103.5": ["AAA up >=2%", "AAA to 103.5 close"],
    "The S&P 500 fell more than 1% on Friday, its biggest drop since September.": [
        "SPX down >1% biggest loss since September Fri"
    ],
    "A 0.5% drop in the dollar index": ["DXY down 0.5%"],
    "The dollar's 0.5% fall": ["USD down 0.5%"],
    "gold gains 1%; oil loses 2 per cent": ["gold up 1%", "brent down 2%"],
    "Dollar Falls Most Since 2020": ["USD down biggest loss since 2020"],
    "The euro fell the most in a month.": ["EUR down biggest loss since a month"],
    "The yen's biggest one-day gain since March 2020": ["JPY up biggest gain since March 2020"],
    "The loonie touched its lowest level since October 2022.": ["CAD touched low since October 2022"],
    "Gold hit a record high.": ["gold touched high since ever"],
    # courses, within the day
    "Sterling erased its gains and fell 0.3% against the dollar.": ["GBP up erased", "GBP down 0.3% vs USD"],
    "Sterling erased some of its gains.": ["GBP up pared"],
    "The euro reversed earlier gains after the announcement.": ["EUR up reversed after"],
    "The pound pared losses after the decision. It was down 0.2% at $1.21.": [
        "GBP down pared after",
        "GBP down 0.2% to 1.21",
    ],
    "The Fed cut rates.": [],
    "Acme shares jumped as much as 12% in early trading before closing up 3%.": [
        "ACME up max 12% touched",
        "ACME up 3% close",
    ],
    "The euro was little changed at $1.0672 as of 10:32 a.m. in New York.": [
        "EUR flat to 1.0672 at 10:32 America/New_York"
    ],
    "The dollar index was down 0.3% at 103.8 by 1506 GMT.": ["DXY down 0.3% to 103.8 at 15:06 UTC"],
    "The euro bought 1.0665 dollars, from 1.0617 late on Thursday.": [
        "EUR from 1.0617 to 1.0665 traded counted from Thu"
    ],
    "On Friday, the yen rose about 1%.": ["JPY up ~1% Fri"],
    "AAA rose 2% this week.": ["AAA up 2% week"],
    # whose it is
    "Gazprom fell 3% and the yen rose 1%.": ["? down 3%", "JPY up 1%"],
    "Stocks fell as the dollar rose 0.5%.": ["? down", "USD up 0.5%"],
    "Shares in Acme, which had lost 3%, recovered to end up 0.4%.": [
        f"ACME down 3% | {WHICH_DAY}",
        "ACME up",
        "ACME up 0.4% close",
    ],
    "The yen rose 1%. Oil fell. It lost 2%.": ["JPY up 1%", "brent down", "brent down 2%"],
    "Fell as much as 0.5%": ["? down max 0.5%"],
    # what stands between a name and its verb, and names that nobody knows
    "Gold futures in Chicago fell 1.1%.": ["gold down 1.1%"],
    "Gold on the London Bullion Market fell 0.9%.": ["gold down 0.9%"],
    "Gold, often held up as a haven, lost 15 per cent of its value.": ["gold down 15%"],
    "Globex, the largest owner of gold, sank 19.8%.": ["? down 19.8%"],
    "Elsewhere, the loonie, a proxy for oil, fell 0.4%.": ["CAD down 0.4%"],
    "The yen, falling as much as 0.5%, hit 134.": ["JPY down max 0.5%", "JPY to 134 touched"],
    "When the market opened this morning, the pound fell 3% to $1.09.": ["GBP down 3% to 1.09"],
    "By the New York close the yen had gained 1.2 percent.": ["JPY up 1.2%"],
    "The pound fell 1%. In the offshore market it traded at $1.19.": ["GBP down 1%", "GBP to 1.19 traded"],
    "Acme warned of losses. Shares of the company fell 7.6%.": ["ACME down 7.6%"],
    "In after-hours trading, Acme jumped 12%.": [f"ACME up 12% | {OUTSIDE}"],
    "Acme fell 7.6% after the bell.": [f"ACME down 7.6% | {OUTSIDE}"],
    "The pound was last at $1.2140.": ["GBP to 1.214 traded"],
    "The yen fell as far as 145.9 per dollar and last changed hands at 144.1, or 0.7% weaker.": [
        "JPY down to 145.9 vs USD touched",
        "JPY down 0.7% to 144.1 vs USD traded",
    ],
    "Gold broke $2,000 an ounce.": ["gold to 2000 touched"],
    "Acme topped $3 trillion in market value.": [],
    "Dollar index +0.7%, gold \u22120.4%": ["DXY up 0.7%", "gold down 0.4%"],
    "The S&P 500 gave up 3.6 percent.": ["SPX down 3.6%"],
    "The yen shot up 2%.": ["JPY up 2%"],
    "Acme declined to comment.": [],
    "The pound fell 2% within hours of the announcement, made shortly before 0800 GMT.": ["GBP down 2%"],
    "Gold for December delivery ended $14.90 higher at $1,946.20 an ounce.": ["gold up 14.9money to 1946.2 close"],
    "The pound sank to its weakest against the dollar since 1985.": ["GBP down vs USD low since 1985"],
    "Oil fell below $80 for the first time since March 2022.": ["brent down to <80 low since March 2022"],
    "The franc surged to a record 0.85 per euro.": ["CHF up to 0.85 vs EUR high since ever"],
    # another's move, another time, and more than one
    "Asian stocks tracked gold lower.": [],
    "The decision lifted the pound 0.8% to $1.2310.": ["GBP up 0.8% to 1.231"],
    "The franc gained 0.5% to 0.9010 versus the greenback, and 0.3% to 0.9588 against the euro.": [
        "CHF up 0.5% to 0.901 vs USD",
        "CHF up 0.3% to 0.9588 vs EUR",
    ],
    # as many numbers as names
    "The yen and sterling lost 0.4% and 0.2% respectively.": ["JPY down 0.4%", "GBP down 0.2%"],
    "Sterling, the euro and the yen gained 1%, nearly 2% and 0.3%.": ["GBP up 1%", "EUR up <~2%", "JPY up 0.3%"],
    "Acme, gold and Beta Corp gained 1%, 2% and 3%, respectively.": ["? up 1%"],
    "The yen and the euro fell 1%, 2% and 3%.": [f"EUR down 1% | {UNCLEAR}"],
    "The dollar index is up 3% since mid-July.": [f"DXY up 3% | \u201csince mid-July\u201d {OTHER_TIME}"],
    "Gold, up 8% in October, slipped 0.4 percent.": [
        f"gold up 8% | \u201cin October\u201d {OTHER_TIME}",
        "gold down 0.4%",
    ],
    "The S&P 500 ended 2023 up 24%.": [f"SPX up 24% close | \u201c2023\u201d {OTHER_TIME}"],
    "Acme shares closed up 11.4p at 212.3p.": ["ACME up 11.4money to 212.3 close"],
    "The S&P 500 fell 0.9% as of 4 p.m. New York time.": ["SPX down 0.9% at 16:00 America/New_York"],
    # bonds are not their yields, and futures not their index
    "Futures on the S&P 500 rose 0.4%.": [f"SPX up 0.4% | {FUTURES}"],
    "S&P 500 futures rose 0.4%.": [f"SPX up 0.4% | {FUTURES}"],
    "Treasuries advanced.": [f"UST10 up | {BONDS}"],
    "Treasuries fell 0.5%.": [f"UST10 down 0.5% | {BONDS}"],
    # not so, not yet, not both
    "The yen didn\u2019t fall. The dollar failed to gain.": ["JPY not down", "USD not up"],
    "The dollar index did not fall more than 0.5%.": ["DXY not down >0.5%"],
    "The dollar could fall 5% this year.": [f"USD down 5% year | {FORECAST}"],
    "The yen was headed for its biggest weekly gain since March 2020.": [
        f"JPY up biggest gain week since March 2020 | {FORECAST}"
    ],
    "Gold rose -0.5%.": ["gold up 0.5% | \u201crose\u201d and \u201c-0.5%\u201d contradict each other"],
    "The dollar rose 0.5% lower.": ["USD up 0.5% | \u201crose\u201d and \u201clower\u201d contradict each other"],
    "The dollar rose between 1% and 2%.": ["USD up | \u201cbetween 1% and 2%\u201d is a range"],
    "AAA fell 12.": ["AAA down | \u201c12\u201d has no unit"],
    # as agencies write
    "The euro was up 0.36% at $1.0647, after earlier touching $1.0668, its highest since March 15.": [
        "EUR up 0.36% to 1.0647",
        "EUR to 1.0668 touched high since March 15",
    ],
    "The dollar index, which measures the currency against six rivals, fell 0.6% to 103.79.": [
        "DXY down 0.6% to 103.79"
    ],
    "Against the yen, the dollar slid 1.4% to 131.90.": ["USD down 1.4% to 131.9 vs JPY"],
    "The dollar bought 131.76 yen, down from 133.77 late Thursday.": [
        "USD down from 133.77 to 131.76 vs JPY traded counted from Thu"
    ],
    "Brent crude settled down $1.73, or 2.3%, at $72.97 a barrel.": [
        "brent down 1.73money close",
        "brent down 2.3% to 72.97 close",
    ],
    "The S&P 500 dropped 1.1 percent, paring its weekly gain to 1.4 percent.": [
        "SPX down 1.1%",
        "SPX up 1.4% pared week",
    ],
    "Acme tumbled as much as 33% in premarket trading and closed 21% lower, the steepest drop on record.": [
        f"ACME down max 33% | {OUTSIDE}",
        "ACME down 21% close biggest loss since ever",
    ],
    "Acme fell 12.3%, wiping out this month's gains.": ["ACME down 12.3%", "ACME up erased"],
    "Sterling recouped earlier losses to trade 0.1% higher at $1.2180.": [
        "GBP down erased",
        "GBP up 0.1% to 1.218 traded",
    ],
    "The yen weakened past 150 per dollar before rebounding to as strong as 147.43.": [
        "JPY down to >150 vs USD",
        "JPY up to 147.43 vs USD touched",
    ],
    "The loonie weakened 0.2% to C$1.3755 per U.S. dollar, or 72.70 U.S. cents.": ["CAD down 0.2% to 1.3755 vs USD"],
    "The S&P 500 had its worst day since June 2020, down 4.3%.": ["SPX down 4.3% biggest loss since June 2020"],
    "The dollar gave up gains after the report and was last down 0.1% at 134.20 yen.": [
        "USD up erased after",
        "USD down 0.1% to 134.2 vs JPY traded",
    ],
    "The loonie slipped 0.3 per cent to 66.70 US cents.": ["CAD down 0.3% to 0.667"],
    "Acme surged 7.2 percent for the biggest gain in the S&P 500.": ["ACME up 7.2%"],
    "The yen gained 0.5%, the franc 0.3% and the pound 0.1%.": ["JPY up 0.5%", "CHF up 0.3%", "GBP up 0.1%"],
    "The Bloomberg Dollar Spot Index swung between gains and losses.": [],
    "The euro led declines, weakening 1.2% below parity.": ["EUR down 1.2% to <1"],
    "The dollar index has risen 2% since the start of February.": [
        "DXY up 2% | \u201csince the start of February\u201d is a time over which no move is counted"
    ],
    "The bank, which owns gold, said Acme's rivals fell 3%.": ["? down 3%"],
    "The S&P 500 closed down 1.2%, its biggest weekly drop since September.": [
        "SPX down 1.2% close biggest loss week since September"
    ],
    "The S&P 500 sank 1.3% on the day, taking its weekly loss to 4.3%.": ["SPX down 1.3%", "SPX down 4.3% week"],
    "Acme plunged 33%, erasing Thursday's 10% gain.": [
        "ACME down 33%",
        f"ACME up erased | {WHICH_DAY}",
        "ACME up 10% Thu",
    ],
    "The euro rose to $1.0671, up 0.6%, having earlier hit a session high of $1.0685.": [
        "EUR up 0.6% to 1.0671",
        "EUR up to 1.0685 touched",
    ],
    "The euro reversed course to fall 0.3%.": ["EUR down 0.3%"],
    "The euro cost $1.0670, up from $1.0610.": ["EUR up from 1.061 to 1.067 traded"],
    "The central bank met on Tuesday.": [],
    # what belongs to another clause, or to another time
    "Gold leapt on Tuesday after the bank left its rate at 3.85 per cent.": ["gold up Tue"],
    "The pound slipped 0.2% before the bank's meeting on Wednesday.": ["GBP down 0.2% before"],
    "Gold edged 0.1% higher, near the two-decade peak of 1,811.": ["gold up 0.1%"],
    "Gold is down 10% from its April peak.": [f"gold down 10% | \u201cfrom its April peak\u201d {OTHER_TIME}"],
    "The pound was last down 1.2% at $1.14, before the bank stepped in to prop it up.": [
        "GBP down 1.2% to 1.14 traded"
    ],
    "Acme shares are up about 63 per cent since the start of the year.": ["ACME up ~63% year"],
    "Gold rose 2% to 3% over the summer.": ["gold up | \u201c2% to 3%\u201d is a range"],
    # how prices are told
    "The S&P 500 gained 0.4% to close at 4,016.75 points.": ["SPX up 0.4% to 4016.75 close"],
    "The S&P 500 closed at 4,003.60, down 0.7%, or 28.20 points.": [
        "SPX down 0.7% to 4003.6 close",
        "SPX down 28.2pts close",
    ],
    "The S&P 500 broke through the 4,000-point mark for the first time.": ["SPX to >4000 touched high since ever"],
    "The 10-year Treasury yield dropped to 3.70% from 3.91%.": ["UST10 down from 3.91 to 3.7"],
    "The 10-year Treasury yield rose from 3.5% to 3.7%.": ["UST10 up from 3.5 to 3.7"],
    "The dollar rose from 0.5% to 0.7%.": ["USD up | \u201c0.5% to 0.7%\u201d is a range"],
    "The loonie traded for 72.64 cents US compared with 72.90 cents US on Tuesday.": [
        "CAD from 0.729 to 0.7264 traded"
    ],
    "Gold firmed to the $1,950 range.": ["gold up to ~1950"],
    "The pound fell to \u20ac1.158.": ["GBP down to 1.158 vs EUR"],
    "Gold was off 1.4 per cent.": ["gold down 1.4%"],
    "The yen, having earlier risen 1%, was steady.": ["JPY up 1% touched", "JPY flat"],
    "Acme fell 26% to $21.48 at the close.": ["ACME down 26% to 21.48 close"],
    "Gold for May delivery in New York climbed as much as 4.5 per cent.": ["gold up max 4.5%"],
    "The franc rallied to a decade high.": ["CHF up high since a decade"],
    "Brent declined 12% to $72.72, its lowest settlement since September.": [
        "brent down 12% to 72.72 close low since September"
    ],
    "The franc strengthened 0.5% to 0.9719 francs per dollar.": ["CHF up 0.5% to 0.9719 vs USD"],
    "The yen weakened past 144 per dollar to hit a 24-year low, bringing its losses this year to about 20%.": [
        "JPY down to >144 vs USD",
        "JPY touched low since 24 years",
        "JPY down ~20% year",
    ],
    # one article or more of each manner was misread so
    "The dollar dived to 120.25 yen in late New York trade from 130.70 at the close.": [
        "USD down from 130.7 to 120.25 vs JPY"
    ],
    "The dollar fell to 120.25 yen, after touching 119.90.": [
        "USD down to 120.25 vs JPY",
        "USD to 119.9 vs JPY touched",
    ],
    "Against the mark the dollar slipped to 1.6115.": [
        "USD down to 1.6115 | \u201cAgainst the mark\u201d is no price that is known"
    ],
    "The dollar fell 0.3% against a basket of peers.": ["USD down 0.3%"],
    "Acme rose 5/8 to 84-3/8.": ["ACME up 0.625money to 84.375"],
    "Acme fell 1-1/2 percent.": ["ACME down 1.5%"],
    "Acme shed 200,000 subscribers.": [],
    "Acme tumbled by a quarter.": ["ACME down 25%"],
    "Acme lost more than a third of its value.": ["ACME down >33.33333333%"],
    "Acme slid by three-quarters of one per cent.": ["ACME down 0.75%"],
    "Sterling added half a cent to $1.7125.": ["GBP up 0.005money to 1.7125"],
    "The euro slipped 0.2% to 85.20 pence.": ["EUR down 0.2% to 0.852 vs GBP"],
    "Gold: +0.6% to $US2,104.10 an ounce": ["gold up 0.6% to 2104.1"],
    "Gold rose 0.1pc.": ["gold up 0.1%"],
    "Gold was down 9 cents, or 0.1 percent, at 2,086.30 an ounce at 0405 GMT.": [
        "gold down 0.09money at 04:05 UTC",
        "gold down 0.1% to 2086.3 at 04:05 UTC",
    ],
    "Acme was down 3.7% at 3:05 p.m. ET (2005 GMT).": ["ACME down 3.7% at 15:05 America/New_York"],
    "The S&P 500 fell 4.7%, leaving it 27% lower for the year.": ["SPX down 4.7%", "SPX down 27% year"],
    "Acme rose 2% on the day and 4.3% for the week.": ["ACME up 2%", "ACME up 4.3% week"],
    "Sterling tumbled 3% to $1.19, its weakest level for 31 years.": ["GBP down 3% to 1.19 low since 31 years"],
    "The dollar suffered its steepest fall against the yen in 25 years.": [
        "USD down vs JPY biggest loss since 25 years"
    ],
    "Gold rose 5% in two months.": [f"gold up 5% | \u201cin two months\u201d {OTHER_TIME}"],
    "Overnight, Acme slid 2%, or 3 points.": [
        f"ACME down 2% | \u201cOvernight\u201d {OTHER_TIME}",
        f"ACME down 3pts | \u201cOvernight\u201d {OTHER_TIME}",
    ],
    "Gold soared 10.2%, a day after its worst day since 1987.": ["gold up 10.2%"],
    "The loonie rallied after the bank raised its rate by 1% to 2.5%, its biggest move in 24 years.": ["CAD up"],
    "Acme rose 1% after tumbling 8% on Tuesday.": ["ACME up 1%", "ACME down 8% Tue"],
    "Gold rebounded from a three-month trough of $1,924.99 to trade 0.8% up at $1,957.60.": [
        "gold up",
        "gold up 0.8% to 1957.6 traded",
    ],
    "The yen weakened 4.6%, on track for its worst day since March.": [
        "JPY down 4.6%",
        f"JPY down biggest loss since March | {FORECAST}",
    ],
    "Gold gained 1%, and Acme put on 2.4%.": ["gold up 1%", "ACME up 2.4%"],
    "The euro, far from soaring, fell 1%.": ["EUR not up", "EUR down 1%"],
    "Sterling is down 2.1% since Monday.": [f"GBP down 2.1% | \u201csince Monday\u201d {OTHER_TIME}"],
    "The yen and the franc both fell 1%.": ["JPY down 1%", "CHF down 1%"],
    "The yen and the franc fell to 150 per dollar.": [
        "JPY down to 150 vs USD | one price is told of several names",
        "CHF down to 150 vs USD | one price is told of several names",
    ],
    "Gold rose to its highest in more than two and a half years.": [
        "gold up high since more than two and a half years"
    ],
    "Sterling was flat at $1.3120 and down 0.1% at 83.40 pence per euro.": [
        "GBP flat to 1.312",
        "GBP down 0.1% to 0.834 vs EUR",
    ],
    "The dollar was worth 149.75 yen, compared with 150.38 yen late Tuesday.": [
        "USD from 150.38 to 149.75 vs JPY traded"
    ],
    "The pound closed at $1.21, barely changed from its previous close of $1.2105.": [
        "GBP to 1.21 close",
        "GBP flat from 1.2105",
    ],
    # what "the index", "it" and a heading stand for
    "The S&P 500 fell as the yen rose 1%. The index closed at 3,900.": [
        "SPX down",
        "JPY up 1%",
        "SPX to 3900 close",
    ],
    "Acme slid. Earlier it had climbed above $80.": ["ACME down", "ACME up to >80 touched"],
    "The S&P 500 fell 1%.\n\nFor the week:\n\nThe S&P 500 is down 4.5%.": ["SPX down 1%", "SPX down 4.5% week"],
    # what is told in front, and how far it goes
    "For the week, Brent fell 1% and gold lost 2%.": ["brent down 1% week", "gold down 2% week"],
    "Gold rose 1%, and for the week it lost 2%.": ["gold up 1%", "gold down 2% week"],
    "During the day, gold rose 1.2 per cent.": ["gold up 1.2% touched"],
    "Gold briefly fell below $1,900.": ["gold down to <1900 touched"],
    "At 0915 GMT, spot gold was down 1%.": ["gold down 1% at 09:15 UTC"],
    "At 0915 GMT the bank raised rates, and gold fell 1%.": ["gold down 1%"],
    # what is of another day, of another price, or of no price
    "The S&P 500 rose 3%, having fallen 8% the day before.": [
        "SPX up 3%",
        f"SPX down 8% | \u201cthe day before\u201d {OTHER_TIME}; {WHICH_DAY}",
    ],
    "Gold fell 1% to 1,950, pulling back from Monday's 1,990.": ["gold down 1% to 1950"],
    "Gold has fallen 28% from its Jan. 20 peak of $2,100.": [
        f"gold down 28% | \u201cfrom its Jan. 20 peak\u201d {OTHER_TIME}"
    ],
    "Acme jumped 12%, adding about $100 billion in value.": ["ACME up 12%"],
    "Acme, which reported a 5% drop in sales, rose 2%.": ["ACME up 2%"],
    "Acme fell 3%, wiping $2bn off its market value, the biggest drop ever for a company.": ["ACME down 3%"],
    "The pound fell 1% and stocks had their worst day since 2020.": ["GBP down 1%"],
    "The pound rose after data showed wages grew 7.3%.": ["GBP up after"],
    "Gold led, ahead of Acme, which fell 2%.": ["ACME down 2%"],
    "Acme was the top gainer in the S&P 500, rising 2%.": ["ACME up 2%"],
    # prices
    "Brent settled at $80.61, up $3.19, or 4.1%.": ["brent up 3.19money to 80.61 close", "brent up 4.1% close"],
    "Brent rose 1.50 points or 2 per cent to 76.5.": ["brent up 1.5pts", "brent up 2% to 76.5"],
    "Brent settled 4.5 cents lower, or 2.3%, at $1.967.": [
        "brent down 0.045money close",
        "brent down 2.3% to 1.967 close",
    ],
    "Brent ended at $4.42-3/4.": ["brent to 4.4275 close"],
    "Brent hit $60K.": ["brent to 60000 touched"],
    "The euro dropped below 99 cents.": ["EUR down to <0.99"],
    "The S&P 500 rose to a record 4,818.62, and gold closed at a record.": [
        "SPX up to 4818.62 high since ever",
        "gold close high since ever",
    ],
    "Gold topped $2,000 for the first time since 2022.": ["gold to >2000 touched high since 2022"],
    "Acme fell 3.7% after hours, while gold rose 6% and the S&P 500 closed 1% higher.": [
        f"ACME down 3.7% | {OUTSIDE}",
        f"gold up 6% | {OUTSIDE}",
        "SPX up 1% close",
    ],
    "The dollar edged higher, building on its biggest daily rise in two weeks.": ["USD up"],
    "Gold was steady around $1,950.": ["gold flat to ~1950"],
    "The S&P 500 set a record on Thursday.": ["SPX high since ever Thu"],
    "": [],
}


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_is_read_as_a_person_reads_it(sentence: str) -> None:
    assert [brief(claim) for claim in find_claims(sentence, NAMES)] == SENTENCES[sentence]


def test_places_are_those_of_the_text_as_it_was_written() -> None:
    text = "Xi\u2019s visit.\n\nThe\u00a0yen rose 0.5%, then fell\u20091 per cent. The U.S. dollar didn\u2019t."
    found = find_claims(text, NAMES)
    assert [text[c.start : c.end] for c in found] == ["The\u00a0yen rose 0.5%", "fell\u20091 per cent"]
    assert {c.sentence for c in found} == {"The\u00a0yen rose 0.5%, then fell\u20091 per cent."}


@pytest.mark.parametrize(
    ("text", "value", "tolerance"),
    [
        ("0.5", 0.5, 0.05),
        ("0.50", 0.5, 0.005),
        ("12", 12, 0.5),
        ("3,916.64", 3916.64, 0.005),
        ("3,916", 3916, 0.5),
        ("1,6", 1.6, 0.05),
        ("1,0610", 1.061, 0.00005),
        ("half", 0.5, 0.05),
        ("two", 2, 0.5),
        ("1 1/2", 1.5, 0.25),
    ],
)
def test_a_number_is_as_exact_as_its_last_digit(text: str, value: float, tolerance: float) -> None:
    number = read_number(text)
    assert (number.value, number.tolerance) == (pytest.approx(value), pytest.approx(tolerance))


def test_any_heap_of_words_is_read_without_an_error_and_every_place_is_right() -> None:
    words = [w for sentence in SENTENCES for w in sentence.split()]
    words += [
        "as much as",
        "parity",
        "since",
        "the most since",
        "n't",
        "(",
        "\n\n",
        "between 1% and 2%",
        "99:99",
        "0",
        "\u2212",
    ]
    draw = random.Random(20230317)
    for _ in range(400):
        text = " ".join(draw.choice(words) for _ in range(draw.randint(1, 25)))
        for claim in find_claims(text, NAMES):
            assert text[claim.start : claim.end].strip() == claim.text
            assert claim.sentence in text


def test_a_symbol_is_no_word_and_the_longest_name_wins() -> None:
    find = finder([("GOLD", "Barrick", "company"), ("gold", "gold", "commodity"), ("gold futures", "GC", "commodity")])
    text = "Gold futures rose; GOLD fell, and gold too."
    assert [(text[m.start : m.end], m.key) for m in find(text)] == [
        ("Gold futures", "GC"),
        ("GOLD", "Barrick"),
        ("gold", "gold"),
    ]
