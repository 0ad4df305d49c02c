"""Studies by the minute: bars arranged by the clock, one return per session (methods-intraday, H1 to H13).

`hours` knows when a market is open, `bars` keeps the bars of one symbol, `windows` measures a window on one session or
on many, `reference` chooses the sessions to compare with and their pace, and `reaction` puts an announcement together.
"""
