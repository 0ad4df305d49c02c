"""Prices as evidence: which of them are in doubt, by plain arrays alone, wherever they come from."""
