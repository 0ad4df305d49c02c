"""Figures of pages: what each found, the picture, and the numbers that it shows."""
