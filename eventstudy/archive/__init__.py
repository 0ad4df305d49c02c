"""The append-only archive of what sources answered."""
