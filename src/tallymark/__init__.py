"""Tallymark, an analytics server for commerce."""
