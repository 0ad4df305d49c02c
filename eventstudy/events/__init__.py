"""Events from everywhere: the settings, files, calendars, a watched folder, earnings dates, and those added by hand.

Each entry has an identity that stays, so that an announcement that was moved or corrected is a new version of the
same event. `eventstudy.events.gather.gather` is the one way in.
"""
