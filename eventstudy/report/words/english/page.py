"""The page of an announcement, the index, and what all pages share."""

from __future__ import annotations

PAGE: dict[str, str | tuple[str, str]] = {
    # what all pages share
    "page.kicker": "Did markets react?",
    "page.title": "{title} – did markets react?",
    "page.pages": "Pages",
    "page.all_events": "All events",
    "page.answer": "Answer",
    "page.footer": (
        "eventstudy {version}. Prices are information, not advice; past moves say nothing about future ones."
    ),
    # the head
    "event.scheduled": "Scheduled for {when}.",
    "event.time": "Time of the announcement: {when}.",
    "event.announced": "Announced {when}.",
    "event.source": "Source",
    "event.failed": (
        "The last pass failed to study this announcement ({reason}); what stands here is the result before."
    ),
    "event.twins": (
        "The same time and asset stand under another id too: {ids}. The two are one look at the same move, not two.",
        "The same time and asset stand under other ids too: {ids}. They are one look at the same move.",
    ),
    # the table
    "event.reactions": "Reactions: {study}",
    "event.caption.session": "Session 0 is the first whose price was taken after the announcement.",
    "event.caption.window": "Window {window}: sessions, both ends included.",
    "event.caption": (
        "Abnormal: the move less what was expected. p (Holm): allows for the number of assets. As large: ordinary days "
        "that strayed as far. Detectable: the smallest reaction that one asset alone would show {chance}."
    ),
    "event.column.session0": "Session 0",
    "event.column.prices": "price before → after",
    "event.column.move": "Move",
    "event.column.abnormal": "Abnormal",
    "event.column.as_large": "As large",
    "event.column.date": "Date",
    "event.column.return": "Return",
    "event.column.in_se": "in s.e.",
    "event.column.cumulative": "Cumulative",
    "event.column.source_or_reason": "Source or reason",
    "event.column.reading": "If the news came",
    "event.column.source": "Source",
    "event.column.symbol": "Symbol",
    "event.column.edition": "Edition",
    "event.column.fetched": "Fetched",
    "event.column.content": "Content",
    "event.not_studied": "Not studied: {reason}.",
    "event.prices": "{before} \u2192 {after}",
    "event.no_test": "its moves cannot be tested",
    # below the table
    "event.shown": "Charts and single days of {shown} of {total} assets, the clearest reactions; the table has all.",
    "event.together": "All assets together",
    "event.together.why": ("The assets share one date, so their tests are not independent. These two allow for that."),
    "event.together.caption": "Tests over all assets",
    "event.details": "{asset}: every window, test and day",
    "event.windows": "Windows",
    "event.tests": "Tests over {window}",
    "event.days": "Days",
    "event.coefficient": "{name} = {value}",
    "event.diagnostic": "{name}: {value}",
    "diagnostic.durbin_watson": "Durbin-Watson (near 2: no autocorrelation)",
    "diagnostic.arch_lm_p": "ARCH-LM p (small: volatility clusters)",
    "diagnostic.jarque_bera_p": "Jarque-Bera p (small: not normal)",
    # the minute
    "minute.head": "If the minute was another",
    "minute.readings": "Readings of the time",
    "minute.caption": "The first session that could react, under each reading of the time.",
    "minute.same_session": "Every minute of the stated interval leads to the same session, so nothing depends on it.",
    "minute.depends": "The verdict depends on the minute for {assets}.",
    "minute.alone": "Another minute leads to a session without a price, so far, for {assets}.",
    "minute.same_verdict": "The verdict is the same under each reading of the time.",
    "minute.stated": "at the time stated",
    "minute.main": "as early as possible",
    "minute.earliest": "as early as possible",
    "minute.latest": "as late as possible",
    # how it was measured
    "how.head": "How this was measured",
    "how.prices": "Where the prices are from",
    "how.terms.ecb": (
        "Reference rates of the European Central Bank: free to use where the ECB is named as their source."
    ),
    "how.terms.yahoo": (
        "Prices of Yahoo Finance: for personal use under Yahoo's terms, which passing them on may go beyond."
    ),
    "how.series": ("Every price series ({n})", "Every price series ({n})"),
    "how.series.caption": "Price series, with a fingerprint of their content",
    "how.fetched": "{time} UTC",
    "how.reproduce": "Reproduce",
    "how.folder": "In the folder of the {file} that it was made with:",
    "how.input": "Input of study {study}:",
    # the index
    "index.title": "Event studies",
    "index.about": "Did markets react? Announcements, measured against ordinary days.",
    "index.page": "Older announcements, page {n}, counted from the oldest.",
    "index.search": "Search",
    "index.any": "any",
    "index.sort": "Order",
    "index.sort.newest": "newest first",
    "index.sort.oldest": "oldest first",
    "index.sort.clearest": "clearest reaction first",
    "index.sort.title": "by title",
    "index.found": "{n} of {total} announcements.",
    "index.loading": "Reading the list of announcements\u2026",
    "index.load_failed": (
        "The list of announcements cannot be read: its files belong into the folder index beside this page."
    ),
    "index.turn": "Older and newer announcements",
    "index.older": "\u2190 older",
    "index.newer": "newer \u2192",
    "index.assets": "Assets",
    "index.more_assets": (
        "One more asset has a page in the folder assets.",
        "{n} more assets have pages in the folder assets.",
    ),
    "index.more_collections": (
        "One more collection has a page in the folder collections.",
        "{n} more collections have pages in the folder collections.",
    ),
    "index.more_releases": ("One older release is not listed.", "{n} older releases are not listed."),
    # the page of an asset
    "asset.symbol": "Every announcement that {symbol} was studied for, the newest first.",
    "asset.counted": (
        "Of one announcement, {studied} could be studied, and {reacted} had a moderate or strong reaction.",
        "Of {n} announcements, {studied} could be studied, and {reacted} had a moderate or strong reaction.",
    ),
    "asset.counted_none": (
        "Of one announcement, {studied} could be studied, and it had no clear reaction.",
        "Of {n} announcements, {studied} could be studied, and none had a moderate or strong reaction.",
    ),
    "asset.chance": (
        "If none had moved it, chance alone would let some {n} of them look unusual: each p allows for the assets of "
        "its announcement, not for the number of announcements."
    ),
    "asset.events": "Announcements",
    "asset.caption": "Study: {study}.",
    "asset.more": ("One older announcement is not listed.", "{n} older announcements are not listed."),
    "asset.figure.calendar": "The largest abnormal move was {move}, on {date}",
    "event.column.announced": "Announced",
    "index.count": ("{n} announcement, newest first.", "{n} announcements, newest first."),
    "index.changed": "Last change {when} (run {run}, {status}).",
    "index.digest": "What that changed",
    "index.all": "All announcements",
    "index.date": "Date",
    "index.announcement": "Announcement",
    "index.sentence": "In a sentence",
    "index.average": "On average",
    "index.collections": "Collections",
    "index.collections.caption": (
        "Mean cumulative abnormal return over the first window; p allows for the number of collections (Holm)."
    ),
    "index.collection": "Collection",
    "index.looked_at": "Looked at",
    "index.looks": ("once", "{n} times"),
    "index.releases": "Scheduled releases that may explain a move",
    "index.release": "{title}: {when}",
    "index.fault": "The last pass failed: {reason}.",
    "index.missing": "Not studied: {reason}.",
}
