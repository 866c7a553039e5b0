"""Every command and reading, in each state that the keys may be in, on both databases: only what is personal is hindered."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.core import TyperGroup

from dealflow.cli.main import every_command
from tests.support.files.import_files import DEALS, HEADER, PRODUCTS, SMALL
from tests.support.files.lost_keys import KeysOf
from tests.support.files.requests import LOG, MAPPING, PROCESS
from tests.support.paths import PROCESS_DEFS
from tests.support.running.servers import Postgres
from tests.support.running.typed_commands import CONTACT, FOR_ANNA, FOR_BO, CommandLine
from tests.support.stores.raw_rows import run

# They need a server, work on no deal, or stand in a test of their own; the log of an import holds nothing personal.
NOT_TOLD = {
    *("demo", "up", "worker", "relay", "reconcile", "doctor", "notify test", "import xes"),
    *("escalation decide", "customer rekey", "store upgrade", "store reindex", "store seal"),
    *("import show", "import undo"),
}
RIGHT, MISSING, FOREIGN, OLDER, DESTROYED = "right", "missing", "foreign", "older", "destroyed"
STATES = (RIGHT, MISSING, FOREIGN, OLDER, DESTROYED)
# What an act is to be refused with, by whose personal values it has: c-2 came after the copy that `older` puts back.
CODES = {
    "nobody": {},
    "c-1": {MISSING: 3, FOREIGN: 3},
    "c-2": {MISSING: 3, FOREIGN: 3, OLDER: 1},
    "c-new": {MISSING: 3, FOREIGN: 3},
}
WON = ("--reason", "paid in cash")
CALENDARS = "calendars: [{name: berlin, zone: Europe/Berlin}]\n"
OF_CUSTOMERS = MAPPING.replace("deal: {id: case, ", "deal: {id: case, customer: case, ")
STORY: tuple[tuple[str, tuple[str, ...]], ...] = (
    *(
        ("nobody", words)
        for words in (
            ("deal", "show", "d1"),
            ("deal", "next", "d1"),
            ("deal", "history", "d1", "--json"),
            ("deal", "history", "d2", "--as-of", "today"),
            ("deal", "list", "--customer", "c-1"),
            ("inventory",),
            ("inventory", "--by-customer"),
            ("customer", "list"),
            ("customer", "show", "c-1"),
            ("customer", "history", "c-1"),
            ("customer", "add", "c-7", *FOR_ANNA),
            ("customer", "merge", "c-7", "--into", "c-2", "--reason", "the same", "--yes"),
            ("stall", "list"),
            ("escalation", "list"),
            ("process", "list"),
            ("process", "show", "standard-sale"),
            ("process", "check", str(PROCESS_DEFS / "standard-sale.yaml")),
            ("process", "publish", str(PROCESS_DEFS / "maven-crm.yaml")),
            ("process", "publish", "TABLES/requests/process.yaml"),
            ("people", "check"),
            ("people", "load"),
            ("people", "show"),
            ("calendar", "load"),
            ("calendar", "list"),
            ("calendar", "show", "china-office"),
            ("token", "create", "anna", "--label", "laptop"),
            ("token", "list"),
            ("token", "whoami"),
            ("token", "revoke", "TOKEN", "--reason", "lost"),
            ("import", "look", "TABLES", "--process", "maven-crm"),
            ("import", "mapping", "hubspot", "--process", "standard-sale"),
            ("import", "schema", "crm-csv"),
            ("import", "list"),
            ("activity", "record", "d1", "called", *FOR_ANNA),
            ("step", "plan", "d1", "call again", "--by", "2030-01-01", "--id", "s1", *FOR_ANNA),
            ("step", "done", "d1", "s1", *FOR_ANNA),
            ("deal", "amend", "d2", "--amount", "5000 CNY", "--reason", "grown", *FOR_ANNA),
            ("evidence", "record", "d1", "reply", "--field", "text=hello", "--id", "R-1", *FOR_ANNA),
            ("evidence", "dispute", "d1", "E-1", "--reason", "denied", *FOR_ANNA),
            ("evidence", "confirm", "d1", "E-1", "--reason", "I called", *FOR_BO),
            ("evidence", "withdraw", "d1", "R-1", "--reason", "by mistake", *FOR_ANNA),
            ("deal", "open", "No customer", "--id", "d3", "--process", "standard-sale", "--owner", "anna", *FOR_ANNA),
            ("deal", "override", "d3", "--reason", "known", *FOR_BO),
            ("deal", "waive", "d3", "contact_added", "--reason", "known", *FOR_BO),
            ("deal", "back", "d3", "--to", "first_contact", "--reason", "too early", *FOR_BO),
            ("milestone", "record", "d3", "appointment_made", "--field", "on=2026-01-05", *FOR_ANNA),
            ("milestone", "withdraw", "d3", "appointment_made", "--reason", "called off", *FOR_ANNA),
            ("deal", "reassign", "d3", "--to", "ben", "--reason", "moved", *FOR_BO),
            ("deal", "lose", "d3", "--reason", "price", "--on-behalf-of", "ben"),
            ("deal", "reopen", "d3", "--reason", "they called", *FOR_BO),
            ("deal", "cancel", "d3", "--reason", "price", "--on-behalf-of", "ben"),
            ("deal", "win", "d2", *WON, *FOR_BO),
            ("deal", "close", "d2", "--reason", "over", *FOR_BO),
            ("audit", "exceptions"),
        )
    ),
    ("c-1", ("evidence", "record", "d1", "messenger_contact", "--id", "E-2", *CONTACT, *FOR_ANNA)),
    ("c-2", ("evidence", "record", "d4", "messenger_contact", "--id", "E-2", *CONTACT, *FOR_ANNA)),
    (
        "c-1",
        ("evidence", "correct", "d1", "E-1", "--field", "phone=+86 138 1111 1111", "--reason", "misread", *FOR_ANNA),
    ),
    ("c-2", ("deal", "amend", "d4", "--customer", "Chen Mo", "--customer-id", "c-2", "--reason", "named", *FOR_ANNA)),
    (
        "c-new",
        (
            "deal",
            "open",
            "New",
            "--id",
            "d5",
            "--process",
            "standard-sale",
            "--owner",
            "anna",
            "--customer",
            "Li",
            *FOR_ANNA,
        ),
    ),
    ("c-new", ("customer", "add", "c-8", "--name", "Zhao", "--wecom", "w-8", *FOR_ANNA)),
    ("c-1", ("customer", "link", "c-1", "--name", "Wang F.", *FOR_ANNA)),
    ("nobody", ("customer", "erase", "c-2", "--reason", "asked")),
    ("c-new", ("import", "crm-csv", "TABLES", "--mapping", "TABLES/mapping.yaml")),
    ("c-new", ("import", "log-csv", "TABLES/requests/log.csv", "--mapping", "TABLES/requests/mapping.yaml")),
)


@dataclass
class Home:
    """A home in one state of its keys, on one database."""

    cli: CommandLine
    url: str
    keys: KeysOf
    token: str

    def events(self) -> int:
        return int(run(self.url, self.cli.home, "SELECT COUNT(*) FROM stored_events")[0][0])

    def keys_of(self, customer: str) -> int:
        rows = run(self.url, self.cli.home, "SELECT COUNT(*) FROM personal_keys WHERE subject = ?", customer)
        return int(rows[0][0])

    def tables(self, *deals: tuple[str, str]) -> Path:
        """A folder of tables with deals, each with its number and customer."""
        folder = self.cli.home.with_name("tables")
        (folder / "requests").mkdir(parents=True, exist_ok=True)
        rows = [f"{number},anna,GTX Pro,{customer},Engaging,2017-11-01,,," for number, customer in deals]
        files = {
            "mapping.yaml": SMALL,
            "products.csv": PRODUCTS,
            DEALS: "\n".join([HEADER, *rows]),
            "requests/process.yaml": PROCESS,
            "requests/mapping.yaml": OF_CUSTOMERS,
            "requests/log.csv": LOG,
        }
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        return folder

    def put_into(self, state: str) -> None:
        if state == MISSING:
            self.keys.remove()
        elif state == FOREIGN:
            self.keys.belong_to_another()
        elif state == OLDER:
            self.keys.put_back("kept")
        elif state == DESTROYED:
            from dealflow.bootstrap import open_system

            with open_system(self.cli.settings()) as system:
                assert system.parts.keys.destroy("c-1") == 1


@pytest.fixture
def home(request: pytest.FixtureRequest, cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Deals of c-1, a copy of the keys, and deals of c-2."""
    url = ""
    if request.param == "postgres":
        postgres: Postgres = request.getfixturevalue("postgres")
        url = postgres.create_database()
        monkeypatch.setenv("DEALFLOW_DATABASE_URL", url)
        cli.publish()
    monkeypatch.setenv("DEALFLOW_ZONE", "UTC")
    (cli.home / "calendars.yaml").write_text(CALENDARS, encoding="utf-8")
    token = cli.json("token", "create", "anna", "--label", "lost")["token_id"]
    made = Home(cli, url, KeysOf(url, cli.home / "keys.sqlite"), token)
    cli.open("d1", "anna", "--customer", "Wang", "--customer-id", "c-1")
    cli.done("evidence", "record", "d1", "messenger_contact", "--id", "E-1", *CONTACT, *FOR_ANNA)
    made.keys.keep("kept")
    cli.open("d2", "anna", "--customer", "Chen", "--customer-id", "c-2", "--amount", "1000 CNY")
    cli.open("d4", "anna", "--customer", "Chen", "--customer-id", "c-2")
    return made


def faults(home: Home, words: tuple[str, ...], expected: int) -> Iterator[tuple[object, ...]]:
    """What is wrong with what came of a command line."""
    before = home.events()
    tables = str(home.tables(("7", "Li")))
    done = home.cli(*(word.replace("TABLES", tables).replace("TOKEN", home.token) for word in words))
    if done.code != expected:
        yield words, done.code, done.err
    if expected and home.events() != before:
        yield words, "recorded what it refused"
    if expected and "customer rekey" not in done.err and "another store" not in done.err:
        yield words, "does not say what to do", done.err


CASES = [
    pytest.param(
        state,
        database,
        marks=[
            *([pytest.mark.postgres] if database == "postgres" else []),
            *([] if (number + turn) % 2 == 0 else [pytest.mark.soak]),
        ],
    )
    for number, state in enumerate(STATES)
    for turn, database in enumerate(("postgres", "sqlite"))
]


@pytest.mark.slow
@pytest.mark.parametrize(("state", "home"), CASES, indirect=["home"])
def test_only_what_is_personal_is_hindered(state: str, home: Home) -> None:
    home.put_into(state)
    wrong = [fault for whose, words in STORY for fault in faults(home, words, CODES[whose].get(state, 0))]
    assert not wrong, "\n".join(map(str, wrong))
    made = {customer: home.keys_of(customer) for customer in ("c-1", "c-2")}
    assert made == {"c-1": 2 if state == DESTROYED else 1, "c-2": 1}
    assert home.cli("deal", "show", "d1").code == 0


def test_no_command_is_left_out() -> None:
    every = {" ".join(words) for words, command in every_command() if not isinstance(command, TyperGroup)}
    tried = {name for name in every for _, words in STORY if words[: len(name.split())] == tuple(name.split())}
    assert every - tried == NOT_TOLD


@pytest.mark.parametrize("home", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_doctor_says_whose_values_cannot_be_read_and_operations_give_a_new_key(home: Home) -> None:
    home.put_into(OLDER)
    found = json.loads(home.cli("doctor", "--json").out)
    [problem] = [problem for problem in found["problems"] if problem["part"] == "keys"]
    assert "(c-2)" in problem["says"] and "dealflow customer rekey c-2" in problem["do"]
    rekey = ("customer", "rekey", "c-2", "--reason", "the backup is too old")
    assert home.cli(*rekey, *FOR_ANNA).code == 1
    done = [json.loads(home.cli.done(*rekey, "--command-id", "r-1", "--json")) for _ in range(2)]
    assert [each["repeated"] for each in done] == [False, True]
    assert done[0]["customer_facts"] == done[1]["customer_facts"] == ["customer.rekeyed.v1"]
    assert home.cli(*rekey[:-1], "another reason", "--command-id", "r-1", "--json").codes == ["command_id_reused"]
    assert home.cli(*rekey, "--json").codes == ["already_so"]
    [entry] = json.loads(home.cli.done("customer", "show", "c-2", "--json"))["history"]
    assert (entry["topic"], entry["actor"], entry["data"]["reason"]) == ("customer.rekeyed.v1", "me", rekey[-1])
    assert "c-2 has a new key" in home.cli.done("customer", "show", "c-2")
    assert home.cli("customer", "rekey", "c-1", "--reason", "by mistake").code == 1
    assert home.cli("customer", "rekey", "c-2", "--reason", " ").code == 1
    home.cli.done("evidence", "record", "d4", "messenger_contact", *CONTACT, *FOR_ANNA)
    advice = json.loads(home.cli("doctor", "--json").out)["advice"]
    assert any("c-2" in each["says"] for each in advice if each["part"] == "keys")


@pytest.mark.parametrize("home", ["sqlite"], indirect=True)
def test_an_import_rejects_the_rows_of_a_customer_whose_key_is_missing_and_takes_in_the_others(home: Home) -> None:
    home.put_into(OLDER)
    home.cli.done("process", "publish", PROCESS_DEFS / "maven-crm.yaml")
    folder = home.tables(("7", "Li"), ("8", "c-2"), ("9", "Wu"))
    report = json.loads(home.cli("import", "crm-csv", folder, "--mapping", folder / "mapping.yaml", "--json").out)
    assert (report["deals"], report["rejected"]) == (2, 1)
    assert "the key of c-2 is missing" in json.dumps(report)
