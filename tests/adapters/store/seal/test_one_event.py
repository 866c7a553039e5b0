"""One event and its own seal: told whole or altered without the rest of the chain."""

import pytest

from dealflow.adapters.store import StoreParts
from dealflow.adapters.store.seal.keys import SealKeys
from tests.adapters.store.conftest import Database
from tests.support.stores.appends import append, rotate

STREAMS = 40


@pytest.fixture
def parts(database: Database) -> StoreParts:
    """Appends of one, two and three events, some of them in one transaction, with rotations between."""
    found = database.open()
    for number in range(0, STREAMS, 2):
        found.store.append([append(f"d-{number}", facts=number % 3 + 1), append(f"d-{number + 1}", facts=2)])
        if number % 8 == 0:
            rotate(found)
    return found


def verdicts(parts: StoreParts) -> set[str]:
    return {
        parts.event_seals.of(f"deal/d-{number}", version)
        for number in range(STREAMS)
        for version in range(1, len(parts.store.load(f"deal/d-{number}")) + 1)
    }


def test_each_event_is_whole_where_nothing_was_changed(parts: StoreParts) -> None:
    assert verdicts(parts) == {"whole"}
    assert parts.event_seals.of("deal/d-1", 3) == "altered"
    assert parts.event_seals.of("deal/nobody", 1) == "altered"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE stored_events SET state = ? WHERE originator_id = 'deal/d-7' AND originator_version = 2",
        "UPDATE seals SET seal = ? WHERE content LIKE ?",
        "UPDATE seals SET content = ? WHERE content LIKE ?",
        "DELETE FROM seals WHERE content LIKE ?",
    ],
)
def test_an_event_or_its_seal_that_was_changed_is_told(database: Database, parts: StoreParts, change: str) -> None:
    value: bytes | str = b"{}" if "state" in change else "0" * 64
    values: list[bytes | str] = [value] if "SET" in change else []
    database.run(change, *values, *(["%deal/d-7%"] if "LIKE" in change else []))
    assert parts.event_seals.of("deal/d-7", 2) == "altered"
    assert parts.event_seals.of("deal/d-30", 1) == "whole"


def test_an_event_of_before_the_seal_is_covered_by_its_stream(database: Database, parts: StoreParts) -> None:
    parts.sealing.begin_anew("the key is lost")
    first = database.home / "seal.keys"
    last = first.read_text().splitlines()[-1]
    first.write_text(last + "\n")
    again = database.open()
    assert verdicts(again) == {"whole"}
    database.run(
        "UPDATE stored_events SET state = ? WHERE originator_id = 'deal/d-8' AND originator_version = 1", b"{}"
    )
    assert again.event_seals.of("deal/d-8", 1) == "altered"
    assert again.event_seals.of("deal/d-9", 2) == "whole"


def test_without_its_key_nobody_can_tell(database: Database, parts: StoreParts) -> None:
    (database.home / "seal.keys").write_text("")
    assert SealKeys(database.home / "seal.keys").find("any") is None
    assert verdicts(database.open()) == {"unknown"}
