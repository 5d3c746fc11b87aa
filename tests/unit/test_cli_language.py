"""What the command line says and how it ends; nothing here needs a database."""

import subprocess
import sys
from pathlib import Path

import pytest
import typer

from tallymark import errors
from tallymark.cli import main, terminal
from tallymark.cli.asking import parameters
from tallymark.cli.commands import app
from tallymark.cli.program import exit_status

HEAVY = {"duckdb", "fastapi", "granian", "psycopg", "pydantic", "rich", "sqlglot", "structlog"}


def test_the_commands_are_those_of_the_contract() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert sorted(commands) == [
        "archive", "ask", "cleanup", "connect", "demo", "doctor", "import", "jobs", "key", "migrate", "rates",
        "refresh", "serve", "status", "sync", "tenant", "token", "user", "verify", "work",
    ]  # fmt: skip
    assert sorted(commands["connect"].commands) == ["events", "folder", "list", "remove", "test"]
    assert sorted(commands["tenant"].commands) == ["create", "list"]
    assert sorted(commands["user"].commands) == ["create", "list", "password", "remove", "role"]
    assert sorted(commands["key"].commands) == ["create", "list", "revoke"]
    assert sorted(commands["jobs"].commands) == ["list", "restart", "retry", "runs", "schedule", "stop", "trigger"]
    assert sorted(commands["rates"].commands) == ["list", "remove", "set"]


def test_help_loads_nothing_heavy() -> None:
    script = f"import sys; import tallymark.cli.program; print(*({HEAVY!r} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == []


def test_help_is_a_result(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["refresh", "--help"]) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("Usage: tallymark refresh [OPTIONS]")
    assert printed.err == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["refesh"], ["error: No such command 'refesh'. Did you mean 'refresh'?", "hint: tallymark --help"]),
        (["refresh", "--now"], ["error: No such option: --now", "hint: tallymark refresh --help"]),
        (
            ["ask", "net_revenue", "--limit", "3"],
            ["error: No such option: --limit", "hint: A metric's own parameters are given as --param limit=VALUE."],
        ),
        (["ask"], ["error: Missing argument 'METRIC'.", "hint: tallymark ask --help"]),
        (["tenant", "create", "x"], ["error: Missing option '--name'.", "hint: tallymark tenant create --help"]),
        (
            ["ask", "x", "--param", "limit"],
            ["error: --param 'limit' is not KEY=VALUE.", "hint: --param from=2026-01-01"],
        ),
        (["refresh", "--all", "--tenant", "x"], ["error: --tenant and --all exclude each other."]),
    ],
)
def test_wrong_use_is_a_line_and_a_hint(words: list[str], said: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.splitlines() == said


def test_a_file_that_is_not_there(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["import", str(tmp_path / "orders.csv"), "--tenant", "x"]) == 2
    assert "does not exist" in capsys.readouterr().err


def test_a_wrong_setting_is_wrong_use(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("TALLYMARK_PORT", "many")
    assert main(["status"]) == 2
    assert capsys.readouterr().err == "error: TALLYMARK_PORT=many: must be a whole number\n"


def test_every_error_has_its_exit_status() -> None:
    of_wrong_use = {error for error in vars(errors).values() if isinstance(error, type) and _ours(error)}
    assert {error.__name__ for error in of_wrong_use if exit_status(error) == 2} == {
        "SettingsError", "BadQuestion", "QueryTooLarge", "NotFound", "UnknownTenant", "UnknownMetric", "UnknownJob",
        "Conflict",
    }  # fmt: skip


def _ours(error: type) -> bool:
    return issubclass(error, errors.TallymarkError)


def test_a_refused_import_shows_its_rows(capsys: pytest.CaptureFixture[str]) -> None:
    problems = [errors.Problem("orders.csv", line, "placed_at", "is no date") for line in range(2, 32)]
    terminal.failure(errors.ImportRefused(problems, total=1030))
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "error: The import was refused: 1030 rows could not be taken, and nothing was stored."
    assert lines[1] == "  orders.csv, line 2, column placed_at: is no date"
    assert lines[21:] == ["  … and 1,010 more"]


def test_parameters_keep_what_follows_the_first_sign() -> None:
    assert parameters(["sort=a=b", "limit=5"]) == {"sort": "a=b", "limit": "5"}
    with pytest.raises(errors.BadQuestion, match="given twice"):
        parameters(["limit=5", "limit=6"])
