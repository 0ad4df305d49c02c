"""What every table, view and column of the results database means, in a line: docs/schema.md is made of it.

A test holds it against the database. A column called like one in `COMMON` means the same everywhere, unless its
table says otherwise.
"""

from __future__ import annotations

TABLES: dict[str, str] = {
    "reactions": "One row per study, event, asset and window, under the main alignment. Start here.",
    "daily_reactions": "One row per study, event, asset and session of the event window, under the main alignment.",
    "alignments": "As `reactions`, for every session that the announcement may fall into.",
    "averages": "Per study, asset and window over all events that have a result.",
    "latest_runs": "The fifty newest rows of `runs`, newest first.",
    "price_revisions": "Every price that a source later changed, each version with the one before it.",
    "attempts": "Every look at an event that wrote results or failed, newest first.",
    "retry_queue": "Events whose last attempt failed, the next one due first; given up last.",
    "event_states": "What the last look at an event found: why a pass leaves it alone, or will not.",
    "retries": "Events whose last attempt failed; `retry_queue` shows them with their titles.",
    "event_attempts": "Rows of `attempts`, without what their run says.",
    "marks": "How far passes have got with what has no row of its own.",
    "runs": "One row per pass that changed something or met a fault; a pass without news leaves only its heartbeat.",
    "run_steps": "What a pass did and what went wrong in it, in order.",
    "snapshots": "One row per answer of a price source that held something new.",
    "bars": "Prices as the sources gave them; append-only: a revision is a further row with a later snapshot.",
    "events": "Announcements, and scheduled releases (`context`) that may explain a move; each as it is now.",
    "event_versions": "Every version of an event: a row is added when its entry was moved or corrected.",
    "feed_readings": "Feeds read without a fault; while their files stay as they are, the stored events are theirs.",
    "event_history": "`event_versions` with what is known of the event today.",
    "studies": "Named specifications, in the order of the settings.",
    "analyses": "One row per study, event, asset and alignment: the fitted model, or the reason why there is none.",
    "window_results": "One row per analysis and window; `reactions` shows it with its event and study.",
    "tests": "Every test of every window: its null hypothesis, and its number or the reason why it has none.",
    "daily": "One row per analysis and session of the event window; `daily_reactions` shows it with its event.",
    "joint_tests": "Tests over all assets of an event together.",
}

COMMON: dict[str, str] = {
    "alignment": "`main` (the time as stated, else the earliest possible), `earliest` or `latest`.",
    "analysis_id": "Row of `analyses`.",
    "announced_at": "Instant that the main alignment uses, UTC.",
    "ar": "Abnormal return: return less expected return, decimal.",
    "ar_se": "Standard error of `ar`, forecast error included, decimal.",
    "asset": "Name of the asset in the settings.",
    "bar": "Size of the bar: `1d`.",
    "car": "Cumulative abnormal return over the window, decimal (0.01 = 1 %).",
    "car_high": "Upper end of the confidence interval of `car`.",
    "car_low": "Lower end of the confidence interval of `car`, at the level 1 - alpha of the study.",
    "car_se": "Standard error of `car`, forecast error and common parameter error included, decimal.",
    "code_version": "Version of eventstudy that computed the row.",
    "config_hash": "SHA-256 of the settings that bear on the row.",
    "context": "Ids of `context` events priced in the same window, JSON list.",
    "day0": "Event day τ = 0: date of the first session priced strictly after the announcement.",
    "df": "Degrees of freedom; null where the law has none.",
    "distribution": "Law of the statistic under the null hypothesis.",
    "dividend": "Cash per share going ex on that session, in the unit of `close`; 0 when none.",
    "close": "Price as quoted, not adjusted for dividends; null where the source has a session without a price.",
    "event_id": "Id of the event.",
    "expected": "Expected return by the model, decimal.",
    "fetched_at": "When the source answered, UTC.",
    "input_hash": "SHA-256 of the event, of the context and of every return that the row rests on.",
    "is_primary": "1 for the window that the verdict of the event is read from.",
    "mde": "Smallest move that the study would have detected with the stated power, decimal.",
    "name": "Name of the test.",
    "notes": "What a reader must know, JSON list of sentences.",
    "null_hypothesis": "What the test assumes, in a sentence.",
    "p": "Two-sided p of the exact t test, unless the study names a side.",
    "p_adjusted": "`p` after Holm, over the assets of the event.",
    "p_value": "p of the test; null with a reason.",
    "placebo_p": "p of the placebo test: share of ordinary days that moved as much, the event day counted.",
    "position": "Order of the rows.",
    "reason": "Why there is no result; null where there is one.",
    "return": "Return of the session, decimal, simple or logarithmic as the study says.",
    "run_id": "Row of `runs` that wrote it.",
    "sar": "`ar` divided by `ar_se`.",
    "session": "Date label of the trading day or fixing, of its source.",
    "snapshot_id": "Row of `snapshots`.",
    "source": "Name of the price source in the settings.",
    "statistic": "Value of the test statistic; null with a reason.",
    "status": "`ok`, `skipped` (the data do not allow it) or `failed` (asking again may help).",
    "study": "Id of the study.",
    "study_id": "Id of the study.",
    "symbol": "What the source calls it.",
    "t": "`car` divided by `car_se`.",
    "tau": "Session relative to event day 0.",
    "title": "Headline, as given: text that nobody has checked.",
    "verdict": "`strong`, `moderate`, `weak`, `none`, `confounded` or `not computable`; rules in method.md.",
    "window_end": "Last τ of the window, included.",
    "window_start": "First τ of the window, included.",
}

_RUNS = {
    "run_id": "Number of the pass.",
    "trigger": "What started it: `demo`, `run`, `report` or `schedule`.",
    "started_at": "When it began, UTC.",
    "finished_at": "When it ended, UTC; null while it runs.",
    "status": "`running`, `ok`, `partial`, `failed`, or `interrupted` (stopped or killed; the next does the rest).",
    "events_ok": "Events with a result for at least one asset, new or kept.",
    "events_skipped": "Events without any result, with a reason.",
    "events_failed": "Events that raised an error.",
    "results_written": "Pairs of study and event that were computed anew.",
    "config_hash": "SHA-256 of all settings.",
    "versions": "Versions of the libraries that numbers depend on, JSON object.",
}

_EVENT = {
    "earliest": "Earliest instant at which the news can have come out, UTC.",
    "latest": "Latest such instant; equal to `earliest` when the minute is known.",
    "kind": "`announcement`, `meeting`, …; `context` for a scheduled release, which is not studied itself.",
    "url": "Source of the time.",
    "note": "Anything a reader should know.",
    "zone": "Time zone in which the time was written; empty for UTC.",
    "tags": "Tags, JSON list.",
    "assets": "Names of the assets, JSON list.",
    "origin": "Feed that it comes from; `config`, `added` (by hand) or `report` (on the command line).",
    "place": "File and line that it was read from; empty where there is none.",
}
_STATE = {
    "status": "`ok`, `partial` (some assets), `skipped`, `failed`, `context`, or `pending` (no price yet).",
    "version": "Number of its newest version.",
    "missing_since": "Since when its feed no longer has it, UTC; null while it has.",
    "retired_at": "Since when passes leave it out, UTC; null while they do not.",
    "retired_by": "`hand`, or `feed` when its feed called it off.",
    "retired_reason": "Why it was retired.",
}
_VERSION = {
    "version": "Number of the version, from 1.",
    "seen_at": "When this version was first seen, UTC.",
    "changed": "Fields that differ from the version before, JSON list; empty for the first.",
}

_STATE_KEY = "SHA-256 of the event, of the settings and versions that bear on it, and of the context near it."

_ATTEMPTS = {
    "attempt_id": "Number of the attempt.",
    "run_id": "Row of `runs` that it belongs to.",
    "started_at": "When it began, UTC.",
    "seconds": "How long it took.",
    "outcome": "`ok`, `partial`, `skipped`, `pending` or `failed`, as the status of the event.",
    "reason": "What went wrong, or which assets have no result; null when nothing.",
    "failures": "Attempts that failed in a row, this one counted; 0 when it did not fail.",
    "results_written": "Studies of the event that were computed anew.",
    "state_key": _STATE_KEY,
    "input_hash": "SHA-256 of the input hashes of its studies; null when it broke off.",
}

_RETRIES = {
    "attempts": "Attempts that failed in a row.",
    "first_failed_at": "When the first of them began, UTC.",
    "last_failed_at": "When the last of them began, UTC.",
    "next_attempt": "Not before this instant, UTC; null when given up.",
    "reason": "Why the last attempt failed.",
}

COLUMNS: dict[str, dict[str, str]] = {
    "runs": _RUNS,
    "latest_runs": _RUNS,
    "attempts": {
        **_ATTEMPTS,
        "trigger": "What started the run: `demo`, `run`, `report` or `schedule`.",
        "versions": "Versions of the libraries that numbers depend on, JSON object.",
        "config_hash": "SHA-256 of all settings of the run.",
    },
    "event_attempts": _ATTEMPTS,
    "retries": _RETRIES,
    "retry_queue": {**_RETRIES, "gave_up": "1 when no further attempt is made by itself."},
    "event_states": {
        "state_key": _STATE_KEY,
        "open_until": "Until when further sessions may change the results, UTC.",
        "is_settled": "1 when no further session is awaited: passes then leave the event alone.",
        "changed": "Why it is looked at again though settled; null when nothing changed.",
        "is_page_due": "1 while its page is older than what it shows.",
        "answer": "Verdict and sentences of its page, JSON list, for the index of all events.",
    },
    "marks": {
        "name": "`prices`: newest snapshot that passes know of; `index`: SHA-256 of what the index shows.",
        "value": "Where it stands.",
    },
    "run_steps": {
        "step": "`events`, `pull`, `study` or `report`.",
        "subject": "Source and symbol, id of the event, or place in a feed.",
        "reason": "What went wrong, or what is new.",
    },
    "snapshots": {
        "snapshot_id": "Number of the answer.",
        "asked_from": "First day that was asked for.",
        "asked_to": "Last day that was asked for.",
        "row_count": "Sessions in the answer.",
        "new_rows": "Sessions in it that were new or changed.",
        "content_hash": "SHA-256 of the whole answer.",
        "currency": "Unit of the prices.",
        "version": "Version of the data, or of the library that fetched them.",
    },
    "bars": {"instant": "When the price was taken, UTC."},
    "price_revisions": {
        "previous_close": "Price that the source gave before; null for its first version.",
        "previous_fetched_at": "When it gave that one, UTC.",
    },
    "events": {**_EVENT, **_STATE, "reason": "Why assets have no result."},
    "event_versions": {
        **_EVENT,
        **_VERSION,
        "stated": "Exact instant as stated, UTC; null where there is only an interval.",
    },
    "feed_readings": {
        "feed": "Id of the feed.",
        "fingerprint": "SHA-256 of its files, its settings, the assets and the version of the program.",
        "items": "How many events it gave.",
    },
    "event_history": {
        **_STATE,
        **_VERSION,
        **{name: _EVENT[name] for name in ("earliest", "latest", "origin", "place")},
        "announced_at": "Instant that the main alignment used in this version, UTC.",
    },
    "studies": {
        "title": "Name of the study for people.",
        "spec": "Every setting, defaults spelled out, JSON object.",
        "config_hash": "SHA-256 of `spec`.",
        "position": "Order in the settings; the first study gives the headline of a report.",
    },
    "analyses": {
        "analysis_id": "Number of the row; changes when the result is computed anew.",
        "asset_title": "Name of the asset for people.",
        "price_before": "Last price before the announcement.",
        "price_at": "First price after it.",
        "instant_before": "When `price_before` was taken, UTC.",
        "instant_at": "When `price_at` was taken, UTC.",
        "n_estimation": "Sessions with a return in the estimation window.",
        "sigma": "Residual standard deviation of a session, decimal.",
        "r_squared": "Share of variance that the model explains; null where it has none.",
        "coefficients": "Estimates by name, JSON object.",
        "diagnostics": "Durbin-Watson, and p of ARCH-LM and Jarque-Bera, JSON object.",
        "provenance": "Newest snapshot of every symbol the result rests on, JSON list.",
        "method": "Every convention of the study, in a sentence.",
    },
    "window_results": {
        "n_days": "Sessions with a return inside the window.",
        "scar": "`car` divided by `car_se`.",
        "bhar": "Buy-and-hold abnormal return, simple, decimal.",
        "placebo": "CAR of every placebo day, JSON list, in the order of time.",
    },
    "tests": {"n": "Observations that the test rests on.", "source": "Where the test is from."},
    "joint_tests": {"n": "Observations that the test rests on.", "source": "Where the test is from."},
    "daily": {
        "car": "Abnormal return cumulated from the start of the event window to this session, decimal.",
        "car_se": "Standard error of that `car`, decimal.",
    },
    "averages": {
        "n_events": "Events with a result.",
        "caar": "Mean of `car` over them, decimal.",
        "mean_absolute_car": "Mean of the size of `car`, decimal.",
        "share_positive": "Share of events with a positive `car`.",
        "n_reactions": "Events with the verdict `strong` or `moderate`.",
    },
}


def meaning(table: str, column: str) -> str | None:
    """What a column means; None when nobody has said so yet."""
    return COLUMNS.get(table, {}).get(column) or COMMON.get(column)
