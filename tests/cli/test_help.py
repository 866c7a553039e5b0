"""Help: every command explains itself with an example, and nothing heavy is loaded for it."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
import typer
from typer.core import TyperGroup

from dealflow.cli.main import app, run
from dealflow.cli.parser.lazy import PARTS, LazyGroup
from tests.support.running.typed_commands import FOR_ANNA, CommandLine
from tests.support.waiting import LONGEST_SECONDS

_HEAVY = ("pydantic", "rich", "structlog", "temporalio", "sqlalchemy", "eventsourcing", "asyncio")
# Each takes from 20 ms to half a second, and none has anything to do with reading a deal or writing to one on SQLite.
_NOT_FOR_ONE_DEAL = (
    "apprise",
    "asyncio",
    "holidays",
    "opentelemetry",
    "prometheus_client",
    "psycopg",
    "rich.console",
    "sqlalchemy",
    "structlog",
    "temporalio",
)


def commands() -> Iterator[tuple[str, ...]]:
    """The words of every command, without those of groups."""
    root = typer.main.get_command(app)
    assert isinstance(root, LazyGroup)
    for name in PARTS:
        part = root.part(name)
        if isinstance(part, TyperGroup):
            yield from ((name, child) for child in part.commands)
        else:
            yield (name,)


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
def test_every_command_has_one_example(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*words, "--help"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert said.count("Example: ") == 1
    assert f"dealflow {' '.join(words)}" in said.partition("Example: ")[2]


@pytest.mark.parametrize("group", [(), *((name,) for name in PARTS)], ids=" ".join)
def test_the_line_of_a_command_in_its_group_is_not_cut(
    group: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*group, "--help"]) == 0
    listed = capsys.readouterr().out.partition("Commands:")[2].partition("Example")[0]
    assert "..." not in listed


@pytest.mark.parametrize(
    "words", ["deal waive", "deal override", "deal win", "deal reopen", "evidence confirm", "escalation decide"]
)
def test_what_only_someone_above_the_owner_may_says_so(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*words.split(), "--help"]) == 0
    assert "only someone above the owner may" in " ".join(capsys.readouterr().out.split()).lower()


def loaded(words: list[str], modules: tuple[str, ...]) -> list[str]:
    """Which of the modules a command line loads in a process of its own, in which it has to succeed."""
    code = (
        f"import sys; from dealflow.cli.main import run; code = run({words!r});"
        f"print(code, *sorted(set(sys.modules) & {set(modules)!r}), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=LONGEST_SECONDS, check=True
    )
    assert done.stdout
    exit_code, *found = done.stderr.split()
    assert exit_code == "0"
    return found


@pytest.mark.parametrize("words", [["--help"], ["deal", "--help"], ["deal", "open", "--help"], ["--version"]])
def test_help_loads_nothing_heavy(words: list[str]) -> None:
    assert loaded(words, _HEAVY) == []


@pytest.mark.parametrize("words", [["deal", "show", "d1"], ["deal", "history", "d1"]])
def test_reading_a_deal_loads_only_what_it_needs(cli: CommandLine, words: list[str]) -> None:
    cli.open("d1", "anna", "--customer", "ACME")
    assert loaded([*words, "--home", str(cli.home)], _NOT_FOR_ONE_DEAL) == []


def test_a_deal_is_shown_without_what_lists_audits_and_upgrades(cli: CommandLine) -> None:
    cli.open("d1", "anna", "--customer", "ACME")
    reading, store = "dealflow.application.reading", "dealflow.adapters.store"
    needless = (f"{reading}.board", f"{store}.audit", f"{store}.sealed.sealing", f"{store}.upgrade")
    assert loaded(["deal", "show", "d1", "--home", str(cli.home)], needless) == []


@pytest.mark.parametrize(
    "words", [["deal", "next", "d1"], ["evidence", "record", "d1", "reply", "--field", "text=hi", *FOR_ANNA]]
)
def test_what_counts_working_days_loads_the_holidays_and_no_more(cli: CommandLine, words: list[str]) -> None:
    cli.open("d1")
    assert set(loaded([*words, "--home", str(cli.home)], _NOT_FOR_ONE_DEAL)) <= {"holidays"}


def test_a_command_that_does_not_exist_gets_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["dael"]) == 2
    assert "Did you mean 'deal'?" in capsys.readouterr().err


def test_an_option_that_does_not_exist_gets_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["deal", "list", "--ovner", "anna"]) == 2
    assert "did you mean --owner?" in capsys.readouterr().err


def test_no_words_at_all_show_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 2
    assert "Commands:" in capsys.readouterr().err
