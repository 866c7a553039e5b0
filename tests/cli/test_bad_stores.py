"""A store on SQLite that cannot be used: one message that says which, what is wrong and what to do; exit 3, nothing written."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from dealflow.adapters.store.sqlite import database as sqlite_database
from dealflow.application.imports.run import DEALS_PER_APPEND
from tests.support.files.maven import FEW_DEALS, first_opportunities
from tests.support.paths import PROCESS_DEFS
from tests.support.products import sampled
from tests.support.running.typed_commands import CONTACT, FOR_ANNA, CommandLine, HomeOf
from tests.support.stores.hostile_disks import run_on_a_small_disk, run_with_small_files, run_without_rights
from tests.support.stores.whole_store import assert_whole, events_of
from tests.support.waiting import LONGEST_SECONDS, until

STORE, KEYS, VIEWS = "store.sqlite", "keys.sqlite", "views.sqlite"
DEALS = 3 * DEALS_PER_APPEND
RECORD = ("evidence", "record", "d1", "reply", "--field", "text=hi", *FOR_ANNA)
IMPORT = ("import", "crm-csv", FEW_DEALS, "--mapping", f"{FEW_DEALS}/mapping.yaml")
# Every command that touches the store, but for the demo, which takes a folder of its own.
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("deal", "show", "d1"),
    ("deal", "next", "d1"),
    ("deal", "history", "d1"),
    ("deal", "list"),
    ("deal", "open", "T", "--process", "standard-sale", *FOR_ANNA),
    ("deal", "amend", "d1", "--title", "T", "--reason", "r", *FOR_ANNA),
    RECORD,
    ("stall", "list"),
    ("escalation", "list"),
    ("inventory",),
    ("process", "list"),
    ("process", "publish", str(PROCESS_DEFS / "maven-crm.yaml")),
    IMPORT,
    ("reconcile",),
    ("worker",),
    ("relay",),
    ("up", "--no-ui"),
)
CANNOT = r"^the store \(SQLite, \S+store\.sqlite\) cannot be used: "
WRITABLE = "; you must be allowed to write the file and its folder\n$"


def newer(home: Path) -> None:
    with closing(sqlite3.connect(home / STORE)) as file:
        file.execute("UPDATE store_version SET version = 99")
        file.commit()


def no_database(home: Path) -> None:
    (home / STORE).write_bytes(b"no database at all, but long enough to be looked at" * 100)


def damaged(home: Path) -> None:
    path = home / STORE
    path.write_bytes(path.read_bytes()[:4096] + b"\xaa" * (path.stat().st_size - 4096))


def cut_off(home: Path) -> None:
    os.truncate(home / STORE, (home / STORE).stat().st_size // 2)


def emptied(home: Path) -> None:
    os.truncate(home / STORE, 0)


def assert_says(said: str, pattern: str) -> None:
    assert re.search(pattern, said), said


pytestmark = pytest.mark.usefixtures("few_deals")


def with_a_deal(cli: CommandLine) -> None:
    cli.open("d1", "anna", "--customer", "ACME")


@pytest.fixture
def deal(home_of: HomeOf) -> CommandLine:
    return home_of(with_a_deal)


def words_of(cli: CommandLine, *words: str) -> list[str]:
    return [sys.executable, "-m", "dealflow", *words, "--home", str(cli.home)]


@pytest.mark.parametrize(
    ("fault", "says", "commands"),
    sampled(
        [
            (
                newer,
                r"^the store \(SQLite, \S+\) was written by a newer dealflow: its schema is 99, this version knows \d+; "
                r"upgrade dealflow\n$",
            ),
            (no_database, CANNOT + "file is not a database; put a backup in its place\n$"),
            (damaged, CANNOT + "database disk image is malformed; put a backup in its place\n$"),
            (cut_off, CANNOT + "database disk image is malformed; put a backup in its place\n$"),
            (emptied, CANNOT + "it is empty; put a backup in its place\n$"),
        ],
        COMMANDS,
        each=5,
    ),
)
def test_every_command_says_so_and_leaves_the_file_alone(
    deal: CommandLine, fault: Callable[[Path], None], says: str, commands: Sequence[Sequence[str]]
) -> None:
    fault(deal.home)
    before = (deal.home / STORE).read_bytes()
    for words in commands:
        told = deal(*words)
        assert (told.code, told.out) == (3, ""), words
        assert_says(told.err, says)
    assert deal("deal", "show", "d1", "--json").json["error"]["code"] == "store_unreachable"
    doctor = deal("doctor", "--json")
    assert doctor.code == 1 and doctor.json["found"]["store"]["error"]
    assert (deal.home / STORE).read_bytes() == before
    assert not (deal.home / "temporal.sqlite").exists()


def test_the_demo_says_so_before_it_starts_a_server(deal: CommandLine) -> None:
    no_database(deal.home)
    done = deal.apart("demo")
    assert done.returncode == 3
    assert_says(done.stderr, CANNOT + "file is not a database")
    assert not (deal.home / "temporal.sqlite").exists()


def test_an_empty_file_is_told_in_a_home_that_has_nothing_else(bare: CommandLine) -> None:
    (bare.home / STORE).write_bytes(b"")
    for words in (("deal", "list"), ("process", "publish", str(PROCESS_DEFS / "maven-crm.yaml"))):
        told = bare(*words)
        assert (told.code, told.out) == (3, "")
        assert_says(told.err, CANNOT + "it is empty; put a backup in its place\n$")
    assert [path.name for path in bare.home.iterdir()] == [STORE]
    doctor = bare("doctor", "--json").json["found"]["store"]
    assert "it is empty" in doctor["error"]


def test_what_a_cut_store_has_in_its_journal_is_left(deal: CommandLine) -> None:
    with closing(sqlite3.connect(deal.home / STORE)) as other:
        other.execute("SELECT * FROM store_version").fetchall()  # so that the journal stays
        deal.done(*RECORD)
        journal = (deal.home / f"{STORE}-wal").read_bytes()
        assert journal
        emptied(deal.home)
        assert deal("deal", "list").code == 3
        assert (deal.home / f"{STORE}-wal").read_bytes() == journal


def test_a_folder_in_the_place_of_the_store_is_told(bare: CommandLine) -> None:
    (bare.home / STORE).mkdir()
    told = bare("deal", "list")
    assert told.code == 3
    assert_says(
        told.err, CANNOT + "unable to open database file; it must be a file that you may read and write, in a folder"
    )


def test_a_home_that_is_a_file_is_told_with_what_to_name_instead(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "home").write_text("")
    told = CommandLine(tmp_path / "home", capsys)("deal", "list")
    assert told.code == 2
    assert told.err == (
        f"{tmp_path}/home: it is a file, and all state is kept in a folder; name one by --home or DEALFLOW_HOME\n"
    )


@pytest.mark.parametrize("closed", [STORE, "."])
@pytest.mark.parametrize("words", [RECORD, IMPORT, ("worker",)], ids=lambda words: words[0])
def test_a_file_or_a_folder_that_may_only_be_read_is_told_to_what_writes(
    deal: CommandLine, closed: str, words: tuple[str, ...]
) -> None:
    events = events_of(deal)
    path = deal.home / closed
    rights = path.stat().st_mode
    path.chmod(rights & 0o555)
    try:
        done = run_without_rights(words_of(deal, *words))
    finally:
        path.chmod(rights)
    assert (done.returncode, done.stdout) == (3, "")
    assert_says(done.stderr, CANNOT + "[^;]*read-?only[^;]*" + WRITABLE)
    assert_whole(deal, events)


@pytest.mark.parametrize("closed", [STORE, "."])
def test_a_file_or_a_folder_that_may_only_be_read_is_read(deal: CommandLine, closed: str) -> None:
    path = deal.home / closed
    rights = path.stat().st_mode
    path.chmod(rights & 0o555)
    try:
        done = [run_without_rights(words_of(deal, *words)) for words in (("deal", "show", "d1"), ("deal", "list"))]
    finally:
        path.chmod(rights)
    assert [(each.returncode, "d1" in each.stdout) for each in done] == [(0, True), (0, True)], done


def test_damaged_keys_and_a_damaged_board_are_told_by_their_names(deal: CommandLine) -> None:
    deal.done("deal", "list")
    for file in (KEYS, VIEWS):
        (deal.home / file).rename(deal.home / f"{file}.good")
        (deal.home / file).write_bytes(b"no database at all, but long enough to be looked at" * 100)
    named = deal("evidence", "record", "d1", "messenger_contact", *CONTACT, *FOR_ANNA)
    listed = deal("deal", "list")
    assert (named.code, named.out, listed.code, listed.out) == (3, "", 3, "")
    keys = f"the keys of personal data in {deal.home / KEYS} cannot be used: file is not a database"
    assert named.err.startswith(
        f"{keys}; put a backup in its place; personal values read (key lost), and none is recorded; "
    )
    assert "(key lost)" in deal.done("deal", "show", "d1")
    (deal.home / f"{KEYS}.good").replace(deal.home / KEYS)
    board = f"the board in {deal.home / VIEWS} cannot be used: file is not a database"
    assert deal("deal", "list").err == f"{board}; remove the file: it is filled anew from the store\n"
    (deal.home / VIEWS).unlink()
    assert deal.json("deal", "list")["total"] == 1


@contextmanager
def held(path: Path, *statements: str) -> Iterator[None]:
    """Another program's connection that keeps what these statements took."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        for statement in statements:
            other.execute(statement).fetchall()
        yield


@pytest.mark.parametrize(
    ("words", "statements"),
    [
        (RECORD, ("BEGIN IMMEDIATE",)),
        (("deal", "show", "d1"), ("PRAGMA locking_mode = EXCLUSIVE", "BEGIN EXCLUSIVE", "SELECT * FROM stored_events")),
    ],
    ids=["its writing", "all of it"],
)
def test_a_store_that_another_program_keeps_is_told_after_a_while(
    deal: CommandLine, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], statements: tuple[str, ...]
) -> None:
    monkeypatch.setattr(sqlite_database, "_BUSY_SECONDS", 1)
    events = events_of(deal)
    with held(deal.home / STORE, *statements):
        told = deal(*words)
        assert (told.code, told.out) == (3, "")
    assert_says(
        told.err, CANNOT + "database is locked; another program has held it for too long: end that one and try again\n$"
    )
    assert_whole(deal, events)
    deal.done(*words)


@pytest.fixture
def tables(cli: CommandLine, tmp_path: Path) -> Path:
    """The opportunities of three appends, and their process published."""
    cli.done("process", "publish", PROCESS_DEFS / "maven-crm.yaml")
    folder = tmp_path / "tables"
    first_opportunities(DEALS, folder)
    return folder


def import_of(tables: Path) -> tuple[str, ...]:
    return ("import", "crm-csv", str(tables), "--mapping", str(tables / "mapping.yaml"))


def assert_goes_on(cli: CommandLine, tables: Path) -> None:
    """What is there is whole, and the same import takes in the rest."""
    assert_whole(cli, events_of(cli))
    done = cli.json(*import_of(tables))
    assert (done["new"] + done["unchanged"], done["rejected"]) == (DEALS, 0)
    assert cli.json("inventory")["deals"] == DEALS
    assert_whole(cli, events_of(cli))


def test_a_disk_that_runs_full_amid_an_import_is_told_and_the_import_goes_on_when_there_is_room(
    cli: CommandLine, tables: Path
) -> None:
    done = run_on_a_small_disk(cli.home, 700, words_of(cli, *import_of(tables)))
    assert (done.returncode, done.stdout) == (3, "")
    assert_says(
        done.stderr,
        CANNOT
        + "database or disk is full; make room on its disk and run this again; what did not fit was left out as a whole\n$",
    )
    assert_goes_on(cli, tables)


def test_a_quota_that_is_used_up_amid_an_import_is_told_too(cli: CommandLine, tables: Path) -> None:
    done = run_with_small_files(450, words_of(cli, *import_of(tables)))
    assert (done.returncode, done.stdout) == (3, "")
    assert_says(done.stderr, CANNOT + "disk I/O error; see that its disk has room and is sound\n$")
    assert_goes_on(cli, tables)


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGINT])
def test_an_import_that_is_ended_amid_its_deals_goes_on_where_it_was(
    cli: CommandLine, tables: Path, sign: signal.Signals
) -> None:
    before = events_of(cli)
    process = subprocess.Popen(
        words_of(cli, *import_of(tables)), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    until(lambda: counted(cli.home) > before or process.poll() is not None)
    process.send_signal(sign)
    said = process.communicate(timeout=LONGEST_SECONDS)[1]
    assert process.returncode != 0 and "Traceback" not in said
    assert before < counted(cli.home)
    assert_goes_on(cli, tables)


def counted(home: Path) -> int:
    with closing(sqlite3.connect(home / STORE, timeout=LONGEST_SECONDS)) as file:
        return int(file.execute("SELECT COUNT(*) FROM stored_events").fetchone()[0])
