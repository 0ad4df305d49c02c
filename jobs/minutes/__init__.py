"""Bars within the day: captured before a source drops them, and studied in passes."""
