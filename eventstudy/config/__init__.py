"""The settings: what they are, and how they are read from file and environment."""
