"""The unit of every number, instant and date of the results database, by the name of the column.

A column called like one here has that unit everywhere; what has none is text.
"""

from __future__ import annotations

from eventstudy.registry.columns import ADDED

DECIMAL = "decimal"  # 0.01 = 1 %
COUNT = "count"
SESSIONS = "sessions"
PRICE = "unit of the source"
SHARE = "0 to 1"
FLAG = "0 or 1"
NUMBER = "number"
ROW = "row"
INSTANT = "instant, UTC"
DATE = "date"
JSON = "JSON"
TEXT = "text"

_UNITS: dict[str, str] = {
    DECIMAL: "ar ar_se bhar caar caar_high caar_low caar_se car car_high car_low car_se expected mde mean_bhar "
    "mean_car mean_high mean_low median_car move new_car old_car other_car return sigma "
    "log_move low_move high_move",
    SHARE: "beaver_u_p clock_p clock_placebo_p paced_p paced_placebo_p "
    "p p_adjusted p_value placebo_p r_squared share_clear share_positive",
    NUMBER: "avar beaver_u clock_t paced_t pace df factor new_t old_t other_t sar seconds size split statistic t "
    "volume",
    PRICE: "adjusted close dividend high low open previous_close previous_dividend price_at price_before",
    COUNT: "attempts events_failed events_ok events_skipped failures n n_days n_estimation n_events n_members new_rows "
    "n_reference plan_version results_written row_count times_looked",
    SESSIONS: "tau window_end window_start",
    FLAG: "gave_up is_before is_clear is_computed_since is_headline is_list is_new_inputs is_new_settings "
    "is_new_version is_page_due is_primary is_proxy is_settled is_valid",
    ROW: "analysis_id answers_id attempt_id average_id class_id description_id method_id notes_id notice_id "
    "other_analysis position run_id window_id series_id settings_id snapshot_id text_id",
    INSTANT: "base_at end_at low_at high_at checked_at first_price_at planned_at "
    "announced_at created_at delivered_at done_at due_at earliest ended_at fetched_at finished_at "
    "first_failed_at first_looked_at instant instant_at instant_before last_failed_at latest looked_at missing_since "
    "next_attempt open_until previous_fetched_at retired_at seen_at stands_since started_at starts stated",
    DATE: "collected_from collected_to "
    "answered_from answered_to asked_from asked_to covered_from covered_to day0 first_session last_session "
    "new_day0 old_day0 session",
    JSON: "document answer assets changed coefficients context design details diagnostics differences measures payload "
    "plan regressions claims settings spec tags versions warnings",
}  # fmt: skip
_BY_NAME = {name: unit for unit, names in _UNITS.items() for name in names.split()}
NAMES = frozenset(_BY_NAME)
# Where a table's column is not what the name means elsewhere, such as times that are packed into whole numbers.
_OF_TABLE = {
    "bar_versions": {"label": "seconds since 1970", "session": "days since 1970", "instant": "seconds since 1970"},
    "bar_flags": {"label": "seconds since 1970"},
    "confirmed_prices": {"label": "seconds since 1970", "confirmed_at": INSTANT},
    "rebases": {"first_label": "seconds since 1970", "last_label": "seconds since 1970"},
    "event_versions": {"version": COUNT},
    "event_history": {"version": COUNT},
    "events": {"version": COUNT},
    "average_members": {"place": ROW, "announced_on": "YYYYMMDD"},
    "kept_events": {"place": ROW, "last_place": ROW},
    "kept_reactions": {"place": ROW, "announced_on": "YYYYMMDD"},
    "claims": {"answer": TEXT, "claimed": NUMBER, "measured": NUMBER},
    "collection_groups": {"days": JSON},
}

REAL = frozenset({DECIMAL, SHARE, NUMBER, PRICE})
NUMBERS = REAL | {COUNT, SESSIONS, FLAG, ROW}


def unit(column: str, table: str = "") -> str:
    """The unit of a column; empty for text."""
    said = _OF_TABLE.get(table, {}).get(column) or _BY_NAME.get(column, "")
    if said == TEXT:  # though a column of this name has a unit elsewhere
        return ""
    if not said and (name := f"{table}.{column}") in ADDED.others:
        return ADDED[name].unit
    return said
