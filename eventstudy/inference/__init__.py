"""Tests: every one returns an ``Inference`` with a number, or with the reason why there is none.

What tests there are stands in `eventstudy.registry.tests`.
"""
