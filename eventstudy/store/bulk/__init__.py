"""Studies of files written into a results database, as `eventstudy study --into` does: full rows, many at a time."""
