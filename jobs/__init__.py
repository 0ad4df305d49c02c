"""Thin shells that run the service: one nightly pass, and the scheduler that starts it."""
