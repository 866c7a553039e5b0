"""A store on PostgreSQL that cannot be used: one message that says what is wrong and what to do; exit 3, nothing written."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from dealflow.adapters.store.postgres import database as postgres_store
from tests.support.files.maven import FEW_DEALS
from tests.support.paths import PROCESS_DEFS
from tests.support.products import sampled
from tests.support.running.servers import Postgres
from tests.support.running.typed_commands import FOR_ANNA, CommandLine, Done
from tests.support.stores.whole_store import assert_whole, events_of
from tests.support.waiting import until

SHOW = ("deal", "show", "d1")
RECORD = ("evidence", "record", "d1", "reply", "--field", "text=hi", *FOR_ANNA)
PUBLISH = ("process", "publish", str(PROCESS_DEFS / "consumer-loan.yaml"))
IMPORT = ("import", "crm-csv", FEW_DEALS, "--mapping", f"{FEW_DEALS}/mapping.yaml")
WRITERS = (RECORD, PUBLISH, IMPORT)
COMMANDS = (
    SHOW,
    ("deal", "list"),
    ("inventory",),
    *WRITERS,
    ("reconcile",),
    ("worker",),
    ("relay",),
    ("up", "--no-ui"),
)
SECRET = "geheim"
ROLE = "somebody"

pytestmark = pytest.mark.usefixtures("few_deals")


class Server:
    """The server of the tests with a store in a database of its own, as its owner and as somebody else comes to it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.name = str(conninfo_to_dict(url)["dbname"])
        self.folder = str(conninfo_to_dict(url)["host"])

    def run(self, *statements: str) -> None:
        """As its owner, whatever the database's default."""
        with psycopg.connect(self.url, autocommit=True, options="-c default_transaction_read_only=off") as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def reload(self) -> None:
        """It reads its files again; return when it has, so that it asks who comes next by them."""
        before = self._loaded_at()
        self.run("SELECT pg_reload_conf()")
        assert until(lambda: self._loaded_at() > before)

    def _loaded_at(self) -> datetime:
        with psycopg.connect(self.url) as connection:
            row = connection.execute("SELECT pg_conf_load_time()").fetchone()
        assert row is not None
        loaded_at: datetime = row[0]
        return loaded_at

    def address(self, role: str = ROLE, name: str = "") -> str:
        """With a password, which is not to be told."""
        return f"postgresql://{role}:{SECRET}@/{name or self.name}?host={self.folder}"


@pytest.fixture
def server(
    bare: CommandLine, postgres: Postgres, postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Server]:
    """A store with a deal, and somebody who may log in and do nothing else."""
    monkeypatch.setenv("DEALFLOW_DATABASE_URL", postgres_database)
    bare.write_people()
    bare.publish()
    bare.done("process", "publish", PROCESS_DEFS / "maven-crm.yaml")
    bare.open("d1", "anna", "--customer", "ACME")
    bare.done("deal", "list")
    found = Server(postgres_database)
    found.run(f"CREATE ROLE {ROLE} LOGIN")
    yield found
    found.run(f"DROP OWNED BY {ROLE} CASCADE", f"DROP ROLE {ROLE}")


def assert_told(done: Done, says: str) -> None:
    """One line, with no password in it, and exit code 3."""
    assert (done.code, done.out) == (3, ""), done
    assert re.search(rf"^the store \(PostgreSQL, [^)]+\) cannot be used: {says}\n$", done.err), done.err
    assert SECRET not in done.err


def nowhere(_: Server) -> str:
    return f"postgresql://{ROLE}:{SECRET}@127.0.0.1:1/deals"


def unknown_host(_: Server) -> str:
    return f"postgresql://{ROLE}:{SECRET}@no-such-host.invalid/deals"


def no_port(_: Server) -> str:
    return f"postgresql://{ROLE}:{SECRET}@127.0.0.1:port/deals"


def other_database(server: Server) -> str:
    return server.address(name="no_such_database")


def other_role(server: Server) -> str:
    return server.address("nobody_known")


def limited(server: Server) -> str:
    server.run(f"ALTER ROLE {ROLE} CONNECTION LIMIT 0")
    return server.address()


def no_rights(server: Server) -> str:
    return server.address()


@pytest.mark.parametrize(
    ("address", "says", "commands"),
    sampled(
        [
            (nowhere, ".*refused; see that PostgreSQL runs there and can be reached"),
            (unknown_host, "failed to resolve host .*; see that PostgreSQL runs there and can be reached"),
            (no_port, 'invalid integer value "port" .*; see database_url in `dealflow doctor`'),
            (
                other_database,
                'database "no_such_database" does not exist; create the database, or correct its name in database_url',
            ),
            (other_role, 'role "nobody_known" does not exist; check user and password in database_url'),
            (limited, f'too many connections for role "{ROLE}"; allow more connections, or run fewer parts at once'),
            (
                no_rights,
                "permission denied for schema dealflow; grant this user what it needs, or open the store once as its owner",
            ),
        ],
        COMMANDS,
    ),
)
def test_who_cannot_come_in_is_told_why_by_every_command(
    bare: CommandLine,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    address: Callable[[Server], str],
    says: str,
    commands: Sequence[Sequence[str]],
) -> None:
    events, owner = events_of(bare), server.url
    monkeypatch.setenv("DEALFLOW_DATABASE_URL", address(server))
    for words in commands:
        assert_told(bare(*words), says)
    doctor = bare("doctor", "--json")
    assert doctor.code == 1 and re.search(says, doctor.json["found"]["store"]["error"])
    assert SECRET not in doctor.out + doctor.err
    monkeypatch.setenv("DEALFLOW_DATABASE_URL", owner)
    assert_whole(bare, events)


@pytest.fixture
def guarded(server: Server) -> Iterator[Server]:
    """The same server, which asks somebody for his password."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        row = connection.execute("SHOW hba_file").fetchone()
    assert row is not None
    file = Path(row[0])
    before = file.read_text()
    server.run(f"ALTER ROLE {ROLE} PASSWORD 'another'")
    file.write_text(f"local all {ROLE} scram-sha-256\n{before}")
    server.reload()
    yield server
    file.write_text(before)
    server.reload()


@pytest.mark.parametrize("commands", [(SHOW, RECORD), pytest.param(COMMANDS, marks=pytest.mark.soak)])
def test_a_wrong_password_and_none_are_told(
    bare: CommandLine, guarded: Server, monkeypatch: pytest.MonkeyPatch, commands: Sequence[Sequence[str]]
) -> None:
    monkeypatch.setenv("DEALFLOW_DATABASE_URL", guarded.address())
    for words in commands:
        assert_told(
            bare(*words), f'password authentication failed for user "{ROLE}"; check user and password in database_url'
        )
    monkeypatch.setenv("DEALFLOW_DATABASE_URL", guarded.address().replace(f":{SECRET}", ""))
    assert_told(bare(*SHOW), "fe_sendauth: no password supplied; check user and password in database_url")


def test_a_newer_schema_stops_every_command(bare: CommandLine, server: Server) -> None:
    server.run("UPDATE dealflow.store_version SET version = 99")
    for words in COMMANDS:
        done = bare(*words)
        assert (done.code, done.out) == (3, "")
        assert "was written by a newer dealflow: its schema is 99" in done.err and "; upgrade dealflow\n" in done.err


def read_only(server: Server) -> None:
    server.run(f"ALTER DATABASE {server.name} SET default_transaction_read_only = on")


def no_room(server: Server) -> None:
    """What PostgreSQL raises when a table cannot grow, raised where the events are written."""
    server.run(
        """CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            RAISE EXCEPTION USING ERRCODE = '53100', HINT = 'Check free disk space.',
                MESSAGE = 'could not extend file "base/16384/16401": No space left on device';
        END $$""",
        "CREATE TRIGGER no_room BEFORE INSERT ON dealflow.stored_events EXECUTE FUNCTION no_room()",
    )


def only_reading(server: Server) -> None:
    server.run(
        f"GRANT USAGE ON SCHEMA dealflow, dealflow_keys TO {ROLE}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA dealflow, dealflow_keys TO {ROLE}",
    )


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (
            read_only,
            "cannot execute INSERT in a read-only transaction; this server only reads now: set database_url to .*",
        ),
        (no_room, "could not extend file .*: No space left on device; make room on its disk and run this again; .*"),
        (
            only_reading,
            "permission denied for table .*; grant this user what it needs, or open the store once as its owner",
        ),
    ],
)
def test_a_store_that_can_be_read_only_is_read_and_nothing_is_half_written(
    bare: CommandLine, server: Server, monkeypatch: pytest.MonkeyPatch, fault: Callable[[Server], None], says: str
) -> None:
    fault(server)
    if fault is only_reading:
        monkeypatch.setenv("DEALFLOW_DATABASE_URL", server.address())
    events = events_of(bare)
    bare.done(*SHOW)
    for words in WRITERS:
        assert_told(bare(*words), says)
    assert_whole(bare, events)


def test_a_table_that_another_session_keeps_is_told_after_a_while(
    bare: CommandLine, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_store, "_LOCK_SECONDS", 1)
    events = events_of(bare)
    with psycopg.connect(server.url) as other:
        other.execute("LOCK TABLE dealflow.stored_events IN ACCESS EXCLUSIVE MODE")
        for words in (SHOW, RECORD):
            assert_told(
                bare(*words),
                "canceling statement due to lock timeout; another session holds a lock: end that one and try again",
            )
    assert_whole(bare, events)
