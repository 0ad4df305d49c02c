"""The whole chain from returns to results; the only package that knows it all."""
