"""Averages over announcements in passes."""
