"""What is installed calls commands and options that there are."""

import re
from pathlib import Path

import pytest

from tallymark.cli.reference import PAGES

DEPLOY = Path(__file__).parents[2] / "deploy"
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file())
CALL = re.compile(r"(?:bin/tallymark |command: \[|\$Program |CMD \[\")(\w+)([^\n]*)")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_commands_are_those_of_the_program(path: Path) -> None:
    page = PAGES["commands.md"]()
    for command, rest in CALL.findall(path.read_text("utf-8")):
        if command == "python":
            continue
        section = page.partition(f"## tallymark {command}\n")[2].partition("\n## ")[0]
        assert section, f"there is no command {command}"
        assert [option for option in re.findall(r"--[a-z-]+", rest) if option not in section] == []


def test_each_of_them_calls_the_program() -> None:
    calling = {path.name for path in FILES if CALL.search(path.read_text("utf-8"))}
    assert calling >= {"tallymark-serve.service", "tallymark-work.service", "tallymark", "Dockerfile", "compose.yaml"}
    assert "install-task.ps1" in calling
