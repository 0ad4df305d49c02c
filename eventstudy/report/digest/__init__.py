"""The digest of a night: what it tells, as a page and as text."""
