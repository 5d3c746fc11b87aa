"""What is kept in the repository: pages that are current, and nothing of the machine it was written on."""

import re
import subprocess
from pathlib import Path

import pytest

from tallymark.cli.reference import PAGES

REPOSITORY = Path(__file__).parents[2]
LARGEST = 1 << 20

# Folders of one machine, put together here so that this file does not find itself.
FOLDERS = ("work", "farm", "root", "home/[a-z]+", "Users/[A-Za-z]+")
MACHINE = re.compile(r"(?<![\w.$}~*-])/(?:" + "|".join(FOLDERS) + r")/")
# Where packages come from is the business of whoever installs them.
REGISTRY = re.compile(
    "|".join(("index" + "-url", "pypi[.]" + "org/simple", "registry[.]" + "npmjs", "simple" + "/pypi"))
)


def _tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, check=True).stdout
    paths = [REPOSITORY / name for name in listed.decode().split("\0") if name]
    return [path for path in paths if path.is_file() and not path.is_symlink()]


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8").splitlines()
    except UnicodeDecodeError:
        return []


@pytest.mark.parametrize("name", sorted(PAGES))
def test_reference_pages_are_current(name: str) -> None:
    page = (REPOSITORY / "docs" / name).read_text("utf-8")
    assert page == PAGES[name](), "run: make docs"


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    found = [
        f"{path.relative_to(REPOSITORY)}:{number}: {line.strip()[:100]}"
        for path in _tracked()
        for number, line in enumerate(_lines(path), 1)
        if MACHINE.search(line) or (REGISTRY.search(line) and "--no-" + "emit" not in line)
    ]
    assert found == []


def test_the_machine_is_known_when_seen() -> None:
    assert MACHINE.search("see " + "/work" + "/main/x")
    assert MACHINE.search("'" + "/root" + "/.pyenv'")
    assert not MACHINE.search("src" + "/work" + "/main")
    assert REGISTRY.search("--index" + "-url https://example.com")


def test_files_are_small_enough_to_keep() -> None:
    assert [path for path in _tracked() if path.stat().st_size > LARGEST] == []


def test_the_readme_says_what_make_can_do() -> None:
    makefile = (REPOSITORY / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    told = set(re.findall(r"`?\bmake ([a-z]+)\b", (REPOSITORY / "README.md").read_text("utf-8")))
    assert {"demo", "test"} <= told
    assert told - targets == set()


def test_the_readme_uses_commands_that_there_are() -> None:
    commands = PAGES["commands.md"]()
    told = set(re.findall(r"(?:^|/|`)tallymark ([a-z]+)", (REPOSITORY / "README.md").read_text("utf-8"), re.MULTILINE))
    assert {name for name in told if f"## tallymark {name}\n" not in commands} == set()


def test_links_between_pages_lead_somewhere() -> None:
    pages = [path for path in _tracked() if path.suffix == ".md"]
    broken = [
        f"{page.relative_to(REPOSITORY)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_every_decision_has_a_number_of_its_own() -> None:
    numbers = [page.name[:4] for page in (REPOSITORY / "docs" / "decisions").glob("*.md")]
    assert len(numbers) > 10
    assert sorted(numbers) == [f"{number:04}" for number in range(1, len(numbers) + 1)]
