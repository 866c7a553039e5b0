"""Command lines against a home of their own."""

from pathlib import Path

import pytest

from tests.support.files.maven import FEW_DEALS, first_opportunities
from tests.support.files.xes_files import SMALL
from tests.support.running.prepared_home import PreparedHomes
from tests.support.running.typed_commands import CommandLine, HomeOf, Story


@pytest.fixture
def bare(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """An empty home: no store, no people."""
    home = tmp_path / "home"
    home.mkdir()
    return CommandLine(home, capsys)


@pytest.fixture
def cli(bare: CommandLine, prepared: PreparedHomes) -> CommandLine:
    """A home with people and the standard sale."""
    prepared.with_process("standard-sale", bare.home)
    bare.write_people()
    return bare


@pytest.fixture
def home_of(bare: CommandLine, prepared: PreparedHomes) -> HomeOf:
    """The home that `cli` is, in which the story that it is called with was told; the story runs once for all tests."""

    def copied(story: Story) -> CommandLine:
        prepared.of_story(story, bare)
        return bare

    return copied


@pytest.fixture
def database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a fresh database for the store of the home, by the parameter; "" where it is in the home."""
    if request.param != "postgres":
        return ""
    url: str = request.getfixturevalue("postgres_database")
    monkeypatch.setenv("DEALFLOW_DATABASE_URL", url)
    return url


@pytest.fixture
def home(cli: CommandLine, database: str) -> CommandLine:
    """The same as `cli`, its store on the database of the parameter, which is named once the prepared home is copied."""
    if database:
        cli.publish()
    return cli


@pytest.fixture
def few_deals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables that take no time to read, for what is asked of the store behind them."""
    first_opportunities(20, tmp_path / FEW_DEALS)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def mapping(bare: CommandLine, prepared: PreparedHomes, tmp_path: Path) -> Path:
    """The mapping of a small event log, with its process published."""
    prepared.with_process("consumer-loan", bare.home)
    path = tmp_path / "mapping.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return path
