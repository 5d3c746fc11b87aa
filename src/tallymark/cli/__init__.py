"""The command line: `main` is what the `tallymark` program runs."""

from tallymark.cli.program import main

__all__ = ["main"]
