"""What every column of the results database means, in a line: docs/schema.md is made of it.

A test holds it against the database. A column called like one in `COMMON` means the same everywhere, unless its
table says otherwise.
"""

from __future__ import annotations

from eventstudy.registry.columns import ADDED

COMMON: dict[str, str] = {
    "collection_id": "Id of the collection.",
    "alignment": "`main` (the time as stated, else the earliest possible), `earliest` or `latest`.",
    "analysis_id": "Row of `analyses`.",
    "announced_at": "Instant that the main alignment uses, UTC.",
    "ar": "Abnormal return: return less expected return, decimal.",
    "ar_se": "Standard error of `ar`, forecast error included, decimal.",
    "asset": "Name of the asset in the settings.",
    "asset_title": "Name of the asset for people.",
    "bar": "Size of the bar: `1d`, `1h`, `30m`, `15m`, `5m` or `1m`.",
    "car": "Cumulative abnormal return over the window, decimal (0.01 = 1 %).",
    "car_high": "Upper end of the confidence interval of `car`.",
    "car_low": "Lower end of the confidence interval of `car`, at the level 1 - alpha of the study.",
    "beaver_u": "Squared `sar`: how large the move was, either way.",
    "beaver_u_p": "p of `beaver_u` under F(1, df).",
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
    "input_hash": "SHA-256 of the event, of the context and of every return that the row rests on; by the minute, of "
    "the answers with its bars.",
    "is_primary": "1 for the window that the verdict of the event is read from.",
    "mde": "Smallest move that the study would have detected with the stated power, decimal.",
    "name": "Name of the test.",
    "notes": "What a reader must know, JSON list of sentences.",
    "null_hypothesis": "What the test assumes, in a sentence.",
    "p": "Two-sided p of the exact t test, unless the study names a side; by the minute that of the paced test.",
    "p_adjusted": "`p` after Holm, over the assets of the event.",
    "p_value": "p of the test; null with a reason.",
    "placebo_p": "p of the placebo test: share of ordinary days, or sessions, that moved as much, the event counted.",
    "position": "Order of the rows.",
    "price_before": "Last price before the first session of the window, total return, in the unit of its source.",
    "price_at": "Price at the last session of the window.",
    "is_headline": "1 for the first study of the settings, which the status of an event is read from.",
    "kind": "`announcement`, `meeting`, …; `context` for a scheduled release, which is not studied itself.",
    "description_id": "Row of `test_descriptions`.",
    "window_unit": "What windows count: `sessions`; `minutes` for studies by the clock.",
    "reason": "Why there is no result, or which part of a window has one (`2 of 6 days have a return`); else null.",
    "return": "Return of the session, decimal, simple or logarithmic as the study says.",
    "run_id": "Row of `runs` that wrote it.",
    "sar": "`ar` divided by `ar_se`.",
    "label": "Start of the bar, seconds since 1970; of a daily bar, the midnight of its date.",
    "series_id": "Row of `series`.",
    "starts": "When an intraday bar starts, UTC; null for daily bars.",
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
    "window_end": "Last τ of the window, included; of studies by the minute its end, or `close`, `next-open`, …",
    "window_start": "First τ of the window, included; of studies by the minute its start, 0 being the announcement.",
}

_ASSETS = {
    "asset": "Name of the asset in the settings.",
    "settings": "Where its prices come from by the settings of the newest pass: source, symbol, calendar, basket.",
}

_CLAIMS = {
    "position": "Order in the texts of the event.",
    "text": "The words that make the claim.",
    "sentence": "All of the sentence.",
    "asset": "Asset whose prices decided, or would have; null where none is known.",
    "answer": "`supported`, `not supported` or `cannot be checked`.",
    "because": "What was measured, on which prices, or why it cannot be checked.",
    "claimed": "What the claim says, in `unit`; null where it names no number.",
    "measured": "What the prices say, in `unit`; null where they say nothing.",
    "unit": "Of `claimed` and `measured`: `percent`, `points`, `basis points`, `price`, …",
    "route": "`minutes`, `daily range`, `closes` or `fixings`: the finest prices that could tell.",
    "session": "The day that it was checked on.",
    "is_proxy": "1 where another price stands for the one that is named, so that there is no verdict.",
    "reaction": "Whether the move was a reaction to the announcement; null where the claim says nothing of a move.",
    "reaction_because": "The verdict on the asset by the first study, in a sentence.",
    "checked_at": "When it was checked, UTC.",
    "details": "What each part of the claim came to, JSON.",
}

_RUNS = {
    "run_id": "Number of the pass.",
    "trigger": "What started it: `demo`, `run`, `report`, `schedule`, or `study` of files.",
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

_BAR = {
    "open": "First price of the bar; null where the source has none.",
    "high": "Highest price of the bar.",
    "low": "Lowest price of the bar.",
    "volume": "Units traded.",
    "split": "New shares per old one from this session on; 1 when none, null where the source has no splits.",
    "adjusted": "The source's own total-return price, kept to be checked against; never studied.",
}
_REBASE = {
    "field": "`close` (open, high, low and dividend with it, volume the other way round) or `adjusted`.",
    "first_label": "Label of the first bar of the stretch.",
    "last_label": "Label of the last bar of the stretch.",
    "factor": "What every version from before `snapshot_id` is multiplied by.",
    "why": "The splits or dividends that explain it.",
}
_EVENT = {
    "earliest": "Earliest instant at which the news can have come out, UTC.",
    "latest": "Latest such instant; equal to `earliest` when the minute is known.",
    "url": "Source of the time.",
    "note": "Anything a reader should know.",
    "zone": "Time zone in which the time was written; empty for UTC.",
    "tags": "Tags, JSON list.",
    "claims": "What was said of prices, as it was written, to be checked: JSON list.",
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

_CONTENT_HASH = "SHA-256 of everything stored of the analysis, its joint tests included."

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

_SNAPSHOT = {
    "calendar": "Name of the calendar whose sessions the bars are of; empty where the source does not say.",
    "snapshot_id": "Number of the answer.",
    "asked_from": "First day that was asked for.",
    "asked_to": "Last day that was asked for.",
    "row_count": "Sessions in the answer.",
    "new_rows": "Sessions in it that were new or changed.",
    "content_hash": "SHA-256 of the whole answer.",
    "currency": "Unit of the prices.",
    "version": "Version of the data, or of the library that fetched them.",
    "answered_from": "First session in the answer; null when it held none.",
    "answered_to": "Last session in the answer.",
    "covered_from": "First day that the answer speaks of, where the source does not reach back to `asked_from`.",
    "covered_to": "Last day, from that day on, that need not be asked for again; null for none.",
    "stored_hash": "SHA-256 of the bars stored with this answer.",
    "seal": "SHA-256 of this row, of what the answer rebased and marked, and of the seal of the answer before it.",
}

_REVISION = {
    "previous_close": "Price that the source gave before; null for its first version.",
    "previous_fetched_at": "When it gave that one, UTC.",
    "previous_dividend": "Dividend that it gave before.",
}

_ANNOUNCED_ON = "Day of the announcement, as `announced_at` begins: 20230317."
_CLASS = "Number of its kind and tags, in `event_classes`."
_SIZE = "Absolute value of t."
_RUNNING = {
    "car": "Abnormal return cumulated from the start of the event window to this session, decimal.",
    "car_se": "Standard error of that `car`, decimal.",
}

_CHANGE = {
    "run_id": "The pass that changed it.",
    "old_verdict": "Verdict before that pass.",
    "new_verdict": "Verdict after it.",
    "old_car": "`car` before, decimal.",
    "new_car": "`car` after, decimal; null where it cannot be computed any more.",
    "old_t": "`t` before.",
    "new_t": "`t` after.",
    "old_day0": "`day0` before.",
    "new_day0": "`day0` after.",
    "is_new_version": "1 when another version of eventstudy computed it.",
    "is_new_settings": "1 when the settings of the study or of an asset changed.",
    "is_new_inputs": "1 when prices came or were revised, or the announcement or its context changed.",
}

_COLLECTION: dict[str, str] = {
    "title": "Name of the collection for people; untrusted text.",
    "asset": "Asset that all its events are studied with; null for each of theirs.",
    "tag": "Tag that all its events have; null for none.",
    "kind": "Kind that all its events are of; null for none.",
    "times_looked": "How often it was computed: each time is another chance to find something.",
    "stands_since": "Pass since which the verdict over the first window is what it is, UTC.",
    "input_hash": "SHA-256 of the hashes of its members' results: equal inputs, equal averages.",
}

_AVERAGE: dict[str, str] = {
    "group_name": "`all`, or the tag of a group that is compared.",
    "n_events": "Events with a number over the window.",
    "caar": "Mean of `car` over them, decimal.",
    "caar_low": "Lower end of the confidence interval of `caar`, decimal.",
    "caar_high": "Upper end of the same.",
    "median_car": "Median of `car`, decimal.",
    "share_positive": "Share of events with a positive `car`.",
    "mean_bhar": "Mean buy-and-hold abnormal return, decimal.",
    "mde": "Smallest mean move that would be detected with the study's power, decimal.",
    "test": "The test that decides: the first of those that a summary shows which holds; null when none does.",
    "statistic": "Its statistic.",
    "p": "Its p.",
    "p_adjusted": "The same by Holm over all collections with that window; null for groups.",
    "verdict": "`strong`, `moderate`, `none` or `not computable`, by `p_adjusted` alone; null for groups.",
}

_AVERAGE_TEST: dict[str, str] = {
    "group_name": "`all`, or the tag of a group that is compared.",
    "n": "Events that the test rests on.",
    "is_valid": "1 when it holds for the dates, number and correlation of these events.",
    "validity": "Why it holds, or why not.",
    "reason": "Why it has no number; null where it has one.",
}

COLUMNS: dict[str, dict[str, str]] = {
    "runs": _RUNS,
    "latest_runs": _RUNS,
    "attempts": {
        **_ATTEMPTS,
        "trigger": "What started the run: `demo`, `run`, `report`, `schedule`, or `study` of files.",
        "versions": "Versions of the libraries that numbers depend on, JSON object.",
        "config_hash": "SHA-256 of all settings of the run.",
    },
    "event_attempts": _ATTEMPTS,
    "retry_queue": {**_RETRIES, "gave_up": "1 when no further attempt is made by itself."},
    "event_states": {
        "state_key": _STATE_KEY,
        "open_until": "Until when further sessions may change the results, UTC.",
        "is_settled": "1 when no further session is awaited: passes then leave the event alone.",
        "pending_reason": "Why it is looked at again though settled; null when nothing changed.",
        "is_page_due": "1 while its page is older than what it shows.",
        "answer": "Verdict and sentences of its page, JSON list, for the index of all events.",
        "answer_hash": "SHA-256 of `event_id` and `answer`; where it is another the index asks the results themselves.",
        "failures": "Attempts that failed in a row; 0 when the last one did not fail.",
        **{name: _RETRIES[name] for name in ("first_failed_at", "last_failed_at", "next_attempt")},
        "fault": "Why the last attempt failed.",
    },
    "cursors": {
        "name": "`prices`: newest snapshot that passes know of; `index`: SHA-256 of what the index shows; `command`, "
        "`webhook`: first notice that the channel is to be told of.",
        "value": "Where it stands.",
    },
    "table_hashes": {
        "table_name": "`studies`, and those that `summaries` is of; `claims`; `runs`, "
        "with the rows of `run_steps` and `verdict_changes` that belong to a pass.",
        "part": "Number of the pass, or id of the event, whose rows they are; empty for a whole table.",
        "content_hash": "SHA-256 of these rows.",
    },
    "notices": {
        "notice_id": "Number of the notice, in the order of time.",
        "key": "What it is of; nothing has two notices.",
        "kind": "`result`: an event has new results; `verdict`: verdicts of it changed (`verdict_changes`); `moved`, "
        "`retired`: it was; `failure`: a step went wrong that had gone well; `repair`: one goes well again.",
        "run_id": "The pass that made it true, or the first over all events after it; null until there was one.",
        "created_at": "Since when it is true, UTC.",
        "step": "Step of a pass that failed, or was repaired; `source`: one gave nothing; `pass`: all of it failed.",
        "subject": "What failed: source and symbol, id of an event, place in a feed, folder.",
        "reason": "Why it failed, or was retired.",
        "payload": "Of a move the interval before and after, JSON object.",
        "ended_at": "When a failure was over, UTC; null while it lasts.",
        "content_hash": "SHA-256 of the other columns but `notice_id` and `ended_at`.",
    },
    "deliveries": {
        "notice_id": "Row of `notices`.",
        "channel": "`page` (the digest), `command` or `webhook`.",
        "delivered_at": "When, UTC.",
    },
    "run_steps": {
        "step": "`events`, `pull`, `study` or `report`.",
        "subject": "Source and symbol, id of the event, or place in a feed.",
        "reason": "What went wrong, or what is new.",
    },
    "snapshots": _SNAPSHOT,
    "bars": {"instant": "When the price was taken, UTC.", **_BAR},
    "bar_versions": {
        **_BAR,
        "session": "Date label, days since 1970.",
        "instant": "When the price was taken, seconds since 1970.",
    },
    "series": {"series_id": "Number of the series."},
    "settings": {
        "settings_id": "Always 1: there is one row.",
        "text": "Sources, assets, studies and releases, as the settings write them, JSON.",
    },
    "rebases": _REBASE,
    "price_rebases": {
        **{name: _REBASE[name] for name in ("field", "factor", "why")},
        "first_session": "First session of the stretch.",
        "last_session": "Last session of the stretch.",
    },
    "bar_flags": {
        "rule": "What is wrong: `duplicate`, `unsorted`, `withdrawn`, `replaced` or `venue`.",
        "detail": "The numbers.",
    },
    "confirmed_prices": {
        "label": "Start of the first bar of the stretch that was in doubt, as of `bar_versions`.",
        "rule": "The flag, as `eventstudy prices doubts` names it.",
        "snapshot_id": "The answer that the bar is from: a later version of it is in doubt again.",
        "confirmed_by": "Who says that the price is right.",
        "confirmed_at": "When, UTC.",
        "reason": "Why.",
    },
    "price_revisions": _REVISION,
    "events": {
        **_EVENT,
        **_STATE,
        "reason": "Why assets have no result.",
        "retired_status": "Status that it had when it was retired.",
    },
    "event_versions": {
        **_EVENT,
        **_VERSION,
        "stated": "Exact instant as stated, UTC; null where there is only an interval.",
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
        "first_session": "First session of the estimation window; null where there is none.",
        "last_session": "Last session of the event window that has come; null where there is none.",
        "price_before": "Last price before the announcement.",
        "price_at": "First price after it.",
        "instant_before": "When `price_before` was taken, UTC.",
        "instant_at": "When `price_at` was taken, UTC.",
        "n_estimation": "Sessions with a return in the estimation window.",
        "sigma": "Residual standard deviation of a session, decimal.",
        "r_squared": "Share of variance that the model explains; null where it has none.",
        "coefficients": "Estimates by name, JSON object.",
        "diagnostics": "Durbin-Watson, and p of ARCH-LM and Jarque-Bera, JSON object.",
        "answers_id": "Row of `texts`: the newest snapshot of every symbol that it rests on, a JSON list.",
        "notes_id": "Row of `texts`: what a reader must know, a JSON list of sentences.",
        "method_id": "Row of `texts`: every convention of the study, in a sentence.",
        "content_hash": _CONTENT_HASH,
    },
    "window_results": {
        "n_days": "Sessions with a return inside the window; by the minute sessions that it is compared with.",
        "bhar": "Buy-and-hold abnormal return, simple, decimal.",
        "avar": "Log of the mean squared abnormal return over the residual variance of a session.",
    },
    "clock_documents": {
        "document": "The row of ``events`` of `eventstudy.intraday/1`, with context and bars, JSON object."
    },
    "clock_reactions": {
        "window_start": "Start of the window as written: `-10m`.",
        "window_end": "End of the window as written: `30m`, `close`.",
        "log_move": "Log return from base to end, decimal.",
        "price_before": "Last price before the window.",
        "price_at": "Last price in the window.",
        "base_at": "When the bar of `price_before` ended, UTC.",
        "end_at": "When the bar of `price_at` ended, UTC.",
        "n_reference": "Earlier sessions at the same clock time that it is compared with.",
        "paced_t": "t of the paced moves, on which the verdict rests.",
        "paced_p": "Its two-sided p, by the t law of 8 degrees of freedom matched in variance.",
        "paced_placebo_p": "Share of sessions that moved as much for their pace, that of the event counted.",
        "pace": "How lively the three hours before were, 1 being usual for the time of day.",
        "clock_t": "t of the plain moves by the clock: beside the verdict.",
        "clock_p": "Its two-sided p.",
        "clock_placebo_p": "Share of sessions that moved as much, that of the event counted.",
        "low_move": "Lowest log move from the base within the window, decimal.",
        "low_at": "When the bar with the lowest price began, UTC.",
        "high_move": "Highest log move from the base within the window, decimal.",
        "high_at": "When the bar with the highest price began, UTC.",
        "clock_verdict": "Verdict before other news is looked at.",
        "reason_code": "Code of the refusal; null where there is a number.",
    },
    "standing_captures": {
        "bar": "Size of the bars: `1m`, `5m`, `15m`, `30m` or `1h`.",
        "collected_from": "First day that is there without a gap.",
        "collected_to": "Last day that is there; asked for again, since its bars may have grown.",
    },
    "placebos": {"cars": "CAR of every placebo day in the order of time, little-endian numbers of four bytes."},
    "texts": {"text_id": "Number of the text.", "text": "The text."},
    "test_descriptions": {"description_id": "Number of the description.", "source": "Where the test is from."},
    "window_tests": {"n": "Observations that the test rests on."},
    "event_tests": {"n": "Observations that the test rests on."},
    "reactions": {
        "move": "Simple return from `price_before` to `price_at`, decimal.",
        "content_hash": _CONTENT_HASH,
    },
    "daily_reactions": _RUNNING,
    "event_days": _RUNNING,
    "summaries": {"run_id": "The pass that made them."},
    "average_reactions": {
        "average_id": "Number of the average.",
        "grouping": "What the averages are by: `tag`, `year` or `weekday` of the event day.",
        "window_id": "Number of the study's window.",
        "label": "The tag, the year, or the number of the weekday: Monday's is 1.",
        "n": "Events with a number.",
        "median_car": "Median of their `car` over the window, decimal.",
        "mean_car": "Mean of the same, decimal.",
        "mean_low": "Lower end of the 95 % interval of the mean by Student's t, as if the events were independent.",
        "mean_high": "Upper end of the same.",
        "share_positive": "Share of events with a positive `car`.",
        "share_clear": "Share of events with the verdict `strong` or `moderate`.",
    },
    "average_members": {
        "average_id": "Number of the average.",
        "place": "Its place among them by `car`, from 1.",
        "is_clear": "1 when the verdict is `strong` or `moderate`.",
        "announced_on": _ANNOUNCED_ON,
        "class_id": _CLASS,
    },
    "event_classes": {"class_id": "Number of the class.", "tags": "Tags, a list in JSON."},
    "kept_windows": {
        "window_id": "Number of the window; also one for results without any, and one for the day before events.",
        "is_primary": "1 where it has all primary windows of the study, which need not be the same for all events.",
        "is_before": "1 for the abnormal return before the event day, which has no window.",
    },
    "kept_events": {
        "place": "Place of its first reaction.",
        "last_place": "Place of its last one.",
        "class_id": _CLASS,
        "size": "The largest `size` of them.",
        "verdicts": "The verdicts that they have, with a comma before and after each.",
    },
    "kept_reactions": {
        "place": "Its place in the order of `reactions`: the day of the announcement and nine digits. What stands in "
        "another list alone, such as the day before an event, has a negative one.",
        "window_id": "Number of the study's window.",
        "announced_on": _ANNOUNCED_ON,
        "class_id": _CLASS,
        "size": _SIZE,
    },
    "study_disagreements": {
        "other_study": "Id of the study that says otherwise.",
        "other_analysis": "Number of its analysis.",
        "class_id": _CLASS,
        "size": _SIZE,
    },
    "event_tags": {"tag": "The tag."},
    "result_answers": {"version": _SNAPSHOT["version"], "content_hash": _SNAPSHOT["content_hash"]},
    "revised_results": {
        "session": "Session whose price was changed.",
        "close": "Price after the change.",
        "dividend": "Dividend after the change.",
        "fetched_at": "When the source gave the changed price, UTC.",
        "is_computed_since": "1 when the result rests on the changed price, 0 while it is from before.",
        **{name: _REVISION[name] for name in ("previous_close", "previous_dividend")},
    },
    "verdict_history": {
        **_CHANGE,
        "started_at": "When that pass began, UTC.",
        "study_title": "Name of the study for people.",
    },
    "tests": {"n": "Observations that the test rests on.", "source": "Where the test is from."},
    "joint_tests": {"n": "Observations that the test rests on.", "source": "Where the test is from."},
    "daily": _RUNNING,
    "assets": _ASSETS,
    "claims": _CLAIMS,
    "captures": {
        "bar": "Size of the bars: `1m`, `5m`, `15m`, `30m` or `1h`.",
        "due_at": "Moment after the announcement that the capture stands for, UTC.",
        "done_at": "When the source answered, UTC.",
        "asked_from": "First day that was asked for.",
        "asked_to": "Last day that was asked for.",
        "new_rows": "Bars in the answer that were new or changed.",
        "reason": "Why the source had no bars; null where it had some.",
    },
    "plans": {
        "plan_version": "1 for the first plan of the event; the first that came before its prices counts.",
        "planned_at": "When, by the clock of the machine, UTC.",
        "planned_by": "Who; null where nobody was named.",
        "stage": "What was to be had by then: `before the announcement`, `before the prices` (announced, and no price "
        "after it stored here) or `after the prices`.",
        "first_price_at": "Instant of the first price after the announcement that was stored by then; null for none.",
        "code_version": "Version of eventstudy that froze it.",
        "plan": "All that it says, JSON object, as in the file of `eventstudy plan -o`.",
        "plan_hash": "SHA-256 of all that it says.",
    },
    "verdict_changes": _CHANGE,
    "collections": {
        **_COLLECTION,
        **_AVERAGE,
        "is_valid": "1 when some test holds for these events.",
        "is_primary": "1 for the first window of the study, which the conclusion is of.",
    },
    "collection_tests": {**_AVERAGE_TEST, "source": "Where the test is from."},
    "collection_studies": {
        **_COLLECTION,
        "is_list": "1 when its events are listed one by one in the settings.",
        "n_members": "Events with their assets that it was computed from.",
        "settings": "Every setting of its study, defaults spelled out, JSON.",
        "regressions": "What of its events explains their moves, window by window, with the coefficients, JSON.",
        "differences": "Differences between its groups, window by window, with their tests, JSON.",
        "warnings": "What a reader must know, JSON list.",
        "plan": "Its plan, and what was run otherwise, JSON; null without one.",
        "checked": "How many of its fits were computed a second time, by statsmodels.",
        "verdict": "What it comes to over its first window, by `p_adjusted` alone; null until all are computed.",
        "notified_verdict": "The verdict that a notice was last written of.",
        "first_looked_at": "When it was computed for the first time, UTC.",
        "looked_at": "When it was computed last, UTC.",
        "is_page_due": "1 when its page does not show what is stored.",
        "members_hash": "SHA-256 of its rows in `collection_members` and of its warnings.",
        "content_hash": "SHA-256 of everything else stored of the collection, but whether its page is due.",
    },
    "collection_members": {
        "group_name": "The group that it is compared in; null for none.",
        "reason": "Why it has no part in the averages; null when it has.",
    },
    "collection_groups": {
        "group_name": "`all`, or the tag that its events have.",
        "position": "Place among the groups; `all` is 0.",
        "design": "Number of events and dates, and the correlation between them, JSON.",
        "days": "Average abnormal return of every session, JSON.",
    },
    "collection_windows": {
        **_AVERAGE,
        "position": "Place of the window in the study; 0 is the primary one.",
        "caar_se": "Standard error of `caar`, decimal.",
        "measures": "Further measures of the window, JSON.",
    },
    "collection_window_tests": {
        **_AVERAGE_TEST,
        "position": "Place among the tests.",
        "details": "Further numbers of the test, JSON.",
    },
}


def meaning(table: str, column: str) -> str | None:
    """What a column means; None when nobody has said so yet."""
    said = COLUMNS.get(table, {}).get(column) or COMMON.get(column)
    if said is None and (name := f"{table}.{column}") in ADDED.others:
        return ADDED[name].words
    return said
