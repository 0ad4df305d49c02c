"""The page of a study of many events."""
