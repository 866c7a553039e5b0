"""`deal history --json` has what proves the chain, and `--proof` the stored bytes of the whole."""

import base64
import hashlib
import json
from itertools import pairwise

from tests.support.running.typed_commands import CONTACT, FOR_ANNA, CommandLine
from tests.support.stores.raw_rows import run


def deal(cli: CommandLine) -> CommandLine:
    cli.open("d1", "anna", "--customer", "Wang Lei", "--customer-id", "c-1")
    cli.done("evidence", "record", "d1", "messenger_contact", *CONTACT, *FOR_ANNA)
    return cli


def test_each_event_has_its_digest_and_that_of_the_one_before(cli: CommandLine) -> None:
    entries = deal(cli).json("deal", "history", "d1")["entries"]
    assert entries[0]["previous"] == ""
    assert all(two["previous"] == one["digest"] for one, two in pairwise(entries))
    assert all(len(entry["digest"]) == 64 and entry["stored"] is None for entry in entries)
    some = cli.json("deal", "history", "d1", "--kind", "evidence")["entries"]
    assert [entry["digest"] for entry in some] == [e["digest"] for e in entries if "evidence" in e["topic"]]


def test_a_proof_has_the_stored_bytes_as_they_stand_and_nothing_personal(cli: CommandLine) -> None:
    found = deal(cli).json("deal", "history", "d1", "--proof")
    stored = [base64.b64decode(entry["stored"]) for entry in found["entries"]]
    rows = run(
        "", cli.home, "SELECT state FROM stored_events WHERE originator_id = 'deal/d1' ORDER BY originator_version"
    )
    assert stored == [state for (state,) in rows]
    assert [entry["digest"] for entry in found["entries"]] == [hashlib.sha256(each).hexdigest() for each in stored]
    assert b"138 0000 0000" not in b"".join(stored) and b"Wang Lei" not in b"".join(stored)


def test_a_proof_is_of_the_whole_history_and_a_document(cli: CommandLine) -> None:
    deal(cli)
    narrowed = cli("deal", "history", "d1", "--proof", "--json", "--kind", "evidence")
    assert (narrowed.code, json.loads(narrowed.out)["error"]["code"]) == (2, "wrong_usage")
    assert cli("deal", "history", "d1", "--proof").code == 2
