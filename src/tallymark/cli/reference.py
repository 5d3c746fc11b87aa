"""The pages of docs/ that are read off the definitions: commands, settings, errors, the GraphQL schema.

`python -m tallymark.cli.reference FOLDER` writes them; a test holds them current.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import typer

from tallymark.api import graphql
from tallymark.api.problems import STATUS
from tallymark.cli.commands import app
from tallymark.cli.program import PROGRAM, exit_status
from tallymark.errors import TallymarkError
from tallymark.metrics import Catalog
from tallymark.settings import Settings

WIDTH = 100
MADE = "<!-- Made by `make docs` from the definitions; edit those. -->"


def commands() -> str:
    """Every command as its `--help` says it."""
    sections = [f"## {path}\n\n```text\n{text}\n```" for path, text in _helps(typer.main.get_command(app), PROGRAM)]
    return _page("Commands", "", *sections)


def settings() -> str:
    """Every variable that is read, with its default and meaning."""
    rows = [
        f"| `{field.validation_alias}` | {_default(field.default)} | {field.description} |"
        for field in Settings.model_fields.values()
    ]
    about = (
        "Settings are environment variables. An empty one counts as not set; a wrong value is one clear line and exit"
        " status 2 at the start."
    )
    return _page("Settings", about, "\n".join(["| variable | default | meaning |", "| --- | --- | --- |", *rows]))


def errors() -> str:
    """Every error with its stable code, and how HTTP and the command line show it."""
    rows = [
        f"| `{error.code}` | {(error.__doc__ or '').splitlines()[0]} | {STATUS[error]} | {exit_status(error)} |"
        for error in _below(TallymarkError)
    ]
    about = (
        "What can go wrong, by its stable code. Over HTTP an error is a problem document (RFC 9457) with the code in"
        " `code`; the command line prints `error: …` and, where there is something to do, `hint: …`."
    )
    head = ["| code | meaning | HTTP status | exit status |", "| --- | --- | --- | --- |"]
    return _page("Errors", about, "\n".join([*head, *rows]))


def schema() -> str:
    """The GraphQL schema of the metrics that ship."""
    return graphql.printed(Catalog.load())


PAGES: Mapping[str, Callable[[], str]] = {
    "commands.md": commands,
    "settings.md": settings,
    "errors.md": errors,
    "schema.graphql": schema,
}


def _page(title: str, about: str, *sections: str) -> str:
    return "\n\n".join(part for part in (f"# {title}", MADE, about, *sections) if part) + "\n"


def _helps(command: Any, path: str) -> Iterator[tuple[str, str]]:
    context = typer.Context(command, info_name=path, terminal_width=WIDTH, max_content_width=WIDTH)
    yield path, command.get_help(context).rstrip()
    for name, child in getattr(command, "commands", {}).items():
        yield from _helps(child, f"{path} {name}")


def _default(value: object) -> str:
    if value is None:
        return "not set"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _below(error: type[TallymarkError]) -> Iterator[type[TallymarkError]]:
    for child in error.__subclasses__():
        yield child
        yield from _below(child)


if __name__ == "__main__":
    for name, page in PAGES.items():
        (Path(sys.argv[1]) / name).write_text(page(), "utf-8")
