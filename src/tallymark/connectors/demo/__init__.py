"""A believable shop out of nothing but a seed: two platforms, two years, every kind of record."""

from tallymark.connectors.demo.load import generate, load_demo

__all__ = ["generate", "load_demo"]
