"""What a person or a program reads: results on standard output, everything else on standard error."""

import sys

from tallymark.errors import ImportRefused, TallymarkError


def result(text: str) -> None:
    """A line of what was asked for."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def note(text: str) -> None:
    """A line about the work."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def error(message: str, hint: str | None = None) -> None:
    """What went wrong, in one line, and what to do about it in another."""
    note(f"error: {_one_line(message)}")
    if hint:
        note(f"hint: {_one_line(hint)}")


def failure(failed: TallymarkError) -> None:
    """The same for one of our errors; a refused import also shows its rows."""
    error(failed.message, failed.hint)
    if isinstance(failed, ImportRefused):
        for problem in failed.problems:
            note(f"  {problem}")
        if failed.total > len(failed.problems) > 0:
            note(f"  … and {failed.total - len(failed.problems):,} more")


def _one_line(text: str) -> str:
    return " ".join(text.split())
