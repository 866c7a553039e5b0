"""Whatever a home is and was, only its owner can read what dealflow writes into it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from dealflow.adapters.files.private import keep_private, open_private, private_folder
from tests.support.files.import_files import HEADER, PRODUCTS, SMALL
from tests.support.paths import PROCESS_DEFS
from tests.support.running.typed_commands import CommandLine

BY_PEOPLE = {"people.yaml"}


@pytest.fixture
def careless() -> Iterator[None]:
    """A process whose files everybody may read and write, unless it says otherwise."""
    before = os.umask(0)
    yield
    os.umask(before)


def readable(home: Path) -> list[str]:
    """What others than the owner may read, write or look into."""
    return sorted(
        str(path.relative_to(home))
        for path in home.rglob("*")
        if path.stat().st_mode & 0o077 and path.name not in BY_PEOPLE
    )


def filled(cli: CommandLine, folder: Path) -> None:
    """Do what writes every kind of file that commands write."""
    cli.home.chmod(0o777)
    cli.write_people()
    cli.done("process", "publish", PROCESS_DEFS / "maven-crm.yaml")
    (folder / "mapping.yaml").write_text(SMALL, encoding="utf-8")
    (folder / "products.csv").write_text(PRODUCTS, encoding="utf-8")
    rows = ("1,anna,GTX Pro,Acme,Won,2017-03-01,2017-04-01,500,550", "2,anna,GTX Pro,Acme,Sold,2017-03-01,,,")
    (folder / "deals.csv").write_text("\n".join((HEADER, *rows)), encoding="utf-8")
    cli.done("import", "crm-csv", folder, "--mapping", folder / "mapping.yaml", "--most-rejects", "1")
    cli.done("deal", "list")
    cli.done("notify", "test", "anna")


def test_files_of_commands_are_their_owners_only(bare: CommandLine, tmp_path: Path, careless: None) -> None:
    source = tmp_path / "source"
    source.mkdir()
    filled(bare, source)
    names = {path.name.partition("-")[0] for path in bare.home.iterdir()}
    assert {"store.sqlite", "keys.sqlite", "views.sqlite", "rejects", "outbox", "imports"} <= names
    assert readable(bare.home) == []


def test_files_that_others_could_read_before_are_closed_to_them(bare: CommandLine, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    filled(bare, source)
    (bare.home / "logs").mkdir()
    (bare.home / "temporal.sqlite").write_text("")
    for path in (bare.home, *bare.home.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)
    bare.done("process", "list")
    assert readable(bare.home) == []
    assert (bare.home.stat().st_mode & 0o777, (bare.home / "people.yaml").stat().st_mode & 0o777) == (0o777, 0o666)


def test_a_file_of_rejects_is_closed_wherever_it_is(tmp_path: Path, careless: None) -> None:
    file = tmp_path / "shared.csv"
    file.write_text("")
    with open_private(file, "w") as stream:
        stream.write("x")
    assert file.stat().st_mode & 0o777 == 0o600
    private_folder(tmp_path / "a" / "b")
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("a", "a/b")] == [0o700, 0o700]


def test_what_a_link_points_to_and_a_read_only_copy_stay_as_they_are(tmp_path: Path) -> None:
    home, other = tmp_path / "home", tmp_path / "other.sqlite"
    home.mkdir()
    other.write_text("")
    other.chmod(0o644)
    (home / "store.sqlite").symlink_to(other)
    keep_private(home)
    assert other.stat().st_mode & 0o777 == 0o644
    copy = home / "keys.sqlite"
    copy.write_text("")
    copy.chmod(0o444)
    home.chmod(0o555)
    keep_private(home)
    assert copy.stat().st_mode & 0o777 == 0o444
    home.chmod(0o755)
