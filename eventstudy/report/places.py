"""Where pages stand in the folder of the reports."""

from __future__ import annotations

# Folders, so that no page is called like an event; that of the index has the pages of older events.
COLLECTIONS, ASSETS, OLDER = FOLDERS = ("collections", "assets", "index")
FEED = "feed.atom"
INDEX = "index"  # the name of the page of all events, which no event can have
