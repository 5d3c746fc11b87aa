"""The program as its users have it: a command line, a home of its own, and nothing else."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tallymark.db import embedded
from tallymark.settings import Settings

VARIABLES = {str(field.validation_alias) for field in Settings.model_fields.values()}


@dataclass(frozen=True)
class Program:
    """`tallymark`, with a fresh TALLYMARK_HOME."""

    home: Path

    @property
    def environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if name not in VARIABLES}
        return inherited | {"TALLYMARK_HOME": str(self.home)}

    @property
    def command(self) -> Path:
        return Path(sys.executable).with_name("tallymark")

    def run(
        self, *words: object, status: int = 0, given: str = "", **settings: str
    ) -> subprocess.CompletedProcess[str]:
        """One command; its exit status has to be the one expected."""
        done = subprocess.run(
            [self.command, *map(str, words)],
            input=given,
            capture_output=True,
            text=True,
            env=self.environment | settings,
            timeout=240,
        )
        assert done.returncode == status, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def text(self, *words: object, **options: Any) -> str:
        return self.run(*words, **options).stdout

    def json(self, *words: object, status: int = 0) -> Any:
        """What `--json` prints: one object."""
        return json.loads(self.text(*words, "--json", status=status))


@pytest.fixture(scope="module")
def program() -> Iterator[Program]:
    # Not in pytest's own folder: each run of it anywhere closes that to the user PostgreSQL runs as.
    with tempfile.TemporaryDirectory(prefix="tallymark-acceptance-") as folder:
        program = Program(Path(folder) / "home")
        # Somebody uses the database all the while, as a server would: it need not be started for every command.
        embedded.ensure(program.home)
        yield program
        embedded.leave(program.home)
