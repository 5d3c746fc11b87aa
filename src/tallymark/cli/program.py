"""From the words typed to an exit status: 0 done, 1 the work found a problem, 2 wrong use."""

from collections.abc import Sequence

import typer

from tallymark.cli import terminal
from tallymark.cli.commands import app
from tallymark.errors import BadQuestion, Conflict, NotFound, SettingsError, TallymarkError

PROGRAM = "tallymark"
DONE, PROBLEM, WRONG_USE = 0, 1, 2

# Errors that say the command was not a proper one; every other is something the work has found.
OF_WRONG_USE = (SettingsError, BadQuestion, NotFound, Conflict)


def main(words: Sequence[str] | None = None) -> int:
    """Runs one command, of the words given or of the program's own, and returns its exit status."""
    try:
        return int(app(words, prog_name=PROGRAM, standalone_mode=False) or DONE)
    except typer.TyperException as wrong:
        terminal.error(wrong.format_message(), _help_for(wrong))
        return wrong.exit_code
    except TallymarkError as failed:
        terminal.failure(failed)
        return exit_status(type(failed))


def exit_status(error: type[TallymarkError]) -> int:
    """How the program ends when a command raises this error."""
    return WRONG_USE if issubclass(error, OF_WRONG_USE) else PROBLEM


def _help_for(wrong: typer.TyperException) -> str:
    context: typer.Context | None = getattr(wrong, "ctx", None)
    unknown: str | None = getattr(wrong, "option_name", None)
    if context and unknown and any(each.name == "param" for each in context.command.params):
        return f"A metric's own parameters are given as --param {unknown.lstrip('-')}=VALUE."
    return f"{context.command_path if context else PROGRAM} --help"
