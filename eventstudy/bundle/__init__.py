"""A result with everything that it rests on, in one file: settings, prices, environment and numbers."""
