"""What stands in the store: bytes that verify, that an old reader's successor still reads, and that hide what is personal."""

import base64
import hashlib
import json
from collections.abc import Collection
from datetime import UTC
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealflow.adapters.store.canonical import canonical
from dealflow.adapters.store.events import codec
from dealflow.adapters.store.events.codec import StoredBytes, decode, digest, encode
from dealflow.adapters.store.events.upcasting import UPCASTERS
from dealflow.adapters.store.keys.key import Key, id_of
from dealflow.application.ports.store import Append, EventUnreadable
from dealflow.domain.deal.events import (
    TOPICS,
    Customer,
    DealAmended,
    DealLost,
    EvidenceRecorded,
    Fact,
    MilestoneRecorded,
    Recorded,
)
from dealflow.domain.process.rules import FieldValue
from dealflow.domain.values.money import Money
from dealflow.domain.values.phrase import phrase_of
from dealflow.domain.values.unreadable import ERASED, LOST
from dealflow.wording.catalogue import catalogue
from tests.adapters.store.conftest import Database
from tests.support.deals.facts import AT, CUSTOMER_NAME, EXAMPLES, PHONE, stamp
from tests.support.paths import GOLDEN
from tests.support.stores.appends import append

SECRET = bytes(range(32))
KEY = Key(id_of(SECRET), SECRET)
# As a key was called before ids were random.
OLD_KEY = Key("c-1", SECRET)
EVIDENCE = EXAMPLES["deal.evidence_recorded.v1"]


class OneKey:
    """What finds one key, alive or destroyed."""

    def __init__(self, *keys: Key) -> None:
        self.keys = {key.id: key for key in keys}

    def find(self, ids: Collection[str]) -> dict[str, Key]:
        return {key_id: self.keys[key_id] for key_id in ids if key_id in self.keys}


def stored(fact: Fact, *, previous: str = "", version: int = 1) -> StoredBytes:
    return encode("deal/d-1", fact, stamp(version), previous, KEY)


def read(event: StoredBytes, key: Key = KEY) -> Fact:
    return decode([event], OneKey(key))[0].fact


def altered(event: StoredBytes, **changes: Any) -> StoredBytes:
    """The same row with other content in its bytes."""
    return StoredBytes(event.stream, event.version, event.topic, canonical(json.loads(event.state) | changes))


@pytest.mark.parametrize("topic", sorted(EXAMPLES))
def test_a_fact_decodes_to_itself(topic: str) -> None:
    fact = EXAMPLES[topic]
    event = encode("deal/d-1", fact, stamp(7), "5e" * 32, KEY)
    assert decode([event], OneKey(KEY)) == [Recorded(stream="deal/d-1", stamp=stamp(7), fact=fact)]
    assert type(read(event)) is type(fact)


@pytest.mark.parametrize("topic", sorted(EXAMPLES))
def test_read_at_once_or_in_steps_a_fact_is_the_same(topic: str) -> None:
    event = encode("deal/d-1", EXAMPLES[topic], stamp(7), "", KEY)
    assert repr(codec._read_in_steps([event], OneKey(KEY))) == repr(decode([event], OneKey(KEY)))  # noqa: SLF001  both ways of reading have to agree


VALUES = (
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.text()
    | st.dates().map(str)
    | st.datetimes(timezones=st.just(UTC)).map(lambda at: at.isoformat())
    | st.builds(Money, minor=st.integers(0, 10**15), currency=st.sampled_from(["CNY", "JPY"]))
)


@given(st.dictionaries(st.text(), VALUES))
def test_a_field_keeps_its_type_whichever_way_it_is_read(fields: dict[str, FieldValue]) -> None:
    fact = EVIDENCE.model_copy(update={"fields": fields, "personal": ()})
    event = stored(fact)
    assert repr(decode([event], OneKey(KEY))) == repr(codec._read_in_steps([event], OneKey(KEY)))  # noqa: SLF001  both ways of reading have to agree
    found = read(event)
    assert isinstance(found, EvidenceRecorded)
    assert [(name, type(value), value) for name, value in found.fields.items()] == [
        (name, type(value), value) for name, value in sorted(fields.items())
    ]


@pytest.mark.parametrize("topic", sorted(EXAMPLES))
def test_a_golden_file_decodes_as_if_it_were_a_row(topic: str) -> None:
    record = json.loads((GOLDEN / f"{topic}.json").read_text(encoding="utf-8"))
    event = StoredBytes(record["stream"], record["stamp"]["version"], topic, canonical(record))
    assert read(event) == EXAMPLES[topic]


def test_every_golden_file_has_a_topic_of_today_or_a_successor() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == {*TOPICS, *UPCASTERS}


def test_a_linked_deal_stored_as_opened_is_read_as_due() -> None:
    record = json.loads((GOLDEN / "deal.linked_deal_opened.v1.json").read_text(encoding="utf-8"))
    event = StoredBytes(record["stream"], record["stamp"]["version"], record["topic"], canonical(record))
    assert read(event) == EXAMPLES["deal.linked_deal_due.v1"]


def test_the_bytes_have_one_form() -> None:
    fact = EXAMPLES["deal.owner_changed.v1"]
    event = stored(fact)
    assert event.topic == "deal.owner_changed.v1"
    assert event.state.decode() == (
        '{"fact":{"alone":true,"effective_at":"2026-03-02T09:30:00Z","origin":{"key":"opp-17/won","row":"17","source":"crm.csv"},'
        '"owner":"李雷","previous":"陈晨","reason":"换区","recipients":["李雷"]},"prev":"",'
        '"stamp":{"actor":"陈晨","cause":"command",'
        '"command_id":"cmd-1","correlation_id":"cor-1","on_behalf_of":"周总","recorded_at":"2026-03-02T09:30:00Z",'
        '"version":1},"stream":"deal/d-1","topic":"deal.owner_changed.v1"}'
    )
    assert digest(event.state) == hashlib.sha256(event.state).hexdigest()


def test_an_encrypted_row_of_today_decrypts_for_ever() -> None:
    sealed = "AAECAwQFBgcICQoLZeVYkC1vcTumeaGpuQtJcm7GZiP3dZNebH7LLg=="
    fact = {
        "effective_at": "2026-03-02T09:30:00Z",
        "origin": None,
        "milestone": "met",
        "stage": "meeting",
        "fields": {"with": {"enc": {"key": "c-1", "v": sealed}}, "seats": 4},
        "personal": ["with"],
    }
    record = {"fact": fact, "prev": "", "stamp": stamp(1).model_dump(mode="json"), "stream": "deal/d-1"}
    topic = "deal.milestone_recorded.v1"
    event = StoredBytes("deal/d-1", 1, topic, canonical(record | {"topic": topic}))
    read_back = read(event, OLD_KEY)
    assert isinstance(read_back, MilestoneRecorded)
    assert read_back.fields == {"with": "王芳 +86", "seats": 4}


def test_personal_values_are_nowhere_in_the_bytes() -> None:
    for fact in EXAMPLES.values():
        state = stored(fact).state.decode()
        assert CUSTOMER_NAME not in state
        assert PHONE not in state
        if getattr(fact, "personal", ()):
            assert "王芳" not in state


def test_the_same_value_is_never_encrypted_to_the_same_bytes() -> None:
    assert stored(EVIDENCE).state != stored(EVIDENCE).state


def test_a_personal_value_without_a_key_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="needs a key"):
        encode("deal/d-1", EVIDENCE, stamp(1), "", None)


def test_a_destroyed_key_reads_as_erased_and_the_rest_stays() -> None:
    fact = read(stored(EVIDENCE), Key(KEY.id, None))
    assert isinstance(fact, EvidenceRecorded)
    assert {fact.fields[name] for name in fact.personal} == {ERASED}
    assert fact.fields["instalment"] == 2
    amended = read(stored(EXAMPLES["deal.amended.v1"]), Key(KEY.id, None))
    assert isinstance(amended, DealAmended)
    assert amended.customer == Customer(id="c-1", name=ERASED)


def test_a_key_that_is_not_there_reads_as_lost() -> None:
    fact = read(stored(EVIDENCE), Key("another", b"x" * 32))
    assert isinstance(fact, EvidenceRecorded)
    assert fact.fields["phone"] == LOST


def test_an_encrypted_value_cannot_be_moved_to_another_field_or_event() -> None:
    event = stored(EVIDENCE)
    fact = json.loads(event.state)["fact"]
    fact["fields"]["phone"] = fact["fields"]["payer"]
    with pytest.raises(EventUnreadable, match=r"fields.phone was altered"):
        read(altered(event, fact=fact))
    other = json.loads(stored(EVIDENCE, version=2).state)
    with pytest.raises(EventUnreadable, match="was altered"):
        read(altered(event, fact=other["fact"]))


def test_a_key_that_is_not_the_one_of_its_name_reads_as_lost_where_names_were_not_random() -> None:
    other = encode("deal/d-1", EVIDENCE, stamp(1), "", Key("c-1", b"x" * 32))
    fact = read(other, OLD_KEY)
    assert isinstance(fact, EvidenceRecorded)
    assert {fact.fields[name] for name in fact.personal} == {LOST}


def test_the_word_for_an_erased_value_is_written_without_a_key() -> None:
    assert isinstance(EVIDENCE, EvidenceRecorded)
    erased = EVIDENCE.model_copy(update={"fields": dict.fromkeys(EVIDENCE.fields, ERASED)})
    event = encode("deal/d-1", erased, stamp(1), "", None)
    assert read(event) == erased


def test_an_unknown_topic_is_named() -> None:
    event = stored(EXAMPLES["deal.lost.v1"])
    newer = StoredBytes(event.stream, 1, "deal.paused.v1", altered(event, topic="deal.paused.v1").state)
    with pytest.raises(EventUnreadable, match=r"event 1 of deal/d-1 .* deal\.paused\.v1 is not known"):
        read(newer)


def test_a_row_that_says_another_topic_than_its_bytes_was_altered() -> None:
    event = stored(EXAMPLES["deal.lost.v1"])
    for forged in (
        StoredBytes(event.stream, 1, "deal.cancelled.v1", event.state),
        StoredBytes("deal/d-2", 1, event.topic, event.state),
        StoredBytes(event.stream, 2, event.topic, event.state),
    ):
        with pytest.raises(EventUnreadable, match="its row was altered"):
            read(forged)


@pytest.mark.parametrize("state", [b"", b"{", b"[]", b"{}", b'{"fact":7}', b"\xff\xfe"])
def test_bytes_that_are_no_event_are_named(state: bytes) -> None:
    with pytest.raises(EventUnreadable, match="event 3 of deal/d-1 cannot be read: its bytes were altered"):
        read(StoredBytes("deal/d-1", 3, "deal.lost.v1", state))


def test_why_an_event_cannot_be_read_is_said_in_chinese_too() -> None:
    lost = stored(EXAMPLES["deal.lost.v1"])
    paused = StoredBytes(lost.stream, 1, "deal.paused.v1", altered(lost, topic="deal.paused.v1").state)
    reasons = {
        StoredBytes(lost.stream, 1, lost.topic, b"[]"): "字节已被改动",
        StoredBytes(lost.stream, 2, lost.topic, lost.state): "所在行已被改动",
        paused: "不认识 deal.paused.v1",
        altered(lost, fact={}): "结构不同",
    }
    for event, reason in reasons.items():
        with pytest.raises(EventUnreadable) as unreadable:
            read(event)
        assert reason in catalogue("zh").say(phrase_of(unreadable.value))


def test_a_fact_of_another_shape_is_named_without_its_values() -> None:
    event = stored(EXAMPLES["deal.lost.v1"])
    fact = json.loads(event.state)["fact"] | {"basis": "secret value", "surplus": 1}
    with pytest.raises(EventUnreadable, match="basis") as unreadable:
        read(altered(event, fact=fact))
    assert "surplus" in str(unreadable.value)
    assert "secret value" not in str(unreadable.value)


def test_an_event_of_an_old_shape_is_read_in_the_new_and_still_verifies(monkeypatch: pytest.MonkeyPatch) -> None:
    old_fact = {"effective_at": "2025-01-02T03:04:05Z", "why": "price"}
    old = {"fact": old_fact, "prev": "", "stamp": stamp(1).model_dump(mode="json"), "stream": "deal/d-1"}
    first = StoredBytes("deal/d-1", 1, "deal.lost.v0", canonical(old | {"topic": "deal.lost.v0"}))
    second = stored(EXAMPLES["deal.reopened.v1"], previous=digest(first.state), version=2)
    monkeypatch.setitem(UPCASTERS, "deal.lost.v00", lambda fact: ("deal.lost.v0", fact))
    monkeypatch.setitem(
        UPCASTERS,
        "deal.lost.v0",
        lambda fact: ("deal.lost.v1", {"reason": fact.pop("why"), "basis": "person", **fact}),
    )
    before = first.state
    events = decode([first, second], OneKey(KEY))
    assert isinstance(events[0].fact, DealLost)
    assert (events[0].fact.reason, events[0].fact.topic) == ("price", "deal.lost.v1")
    assert first.state == before
    assert json.loads(second.state)["prev"] == hashlib.sha256(first.state).hexdigest()


def test_each_event_in_the_database_carries_the_digest_of_the_one_before(database: Database) -> None:
    parts = database.open()
    parts.store.append([append("d-1", 0, 3), append("d-2", 0, 2)])
    parts.store.append([append("d-1", 3, 2), append("d-1", 5, 1), append("d-2", 2, 1)])
    parts.close()
    again = database.open()
    again.store.append([append("d-1", 6, 1)])
    rows = database.run("SELECT originator_id, originator_version, state FROM stored_events ORDER BY 1, 2")
    assert [(stream, version) for stream, version, _ in rows] == [
        *(("deal/d-1", version) for version in range(1, 8)),
        *(("deal/d-2", version) for version in range(1, 4)),
    ]
    expected: dict[str, str] = {}
    for stream, _, state in rows:
        assert json.loads(state)["prev"] == expected.get(stream, "")
        expected[stream] = hashlib.sha256(state).hexdigest()


def test_the_database_holds_a_topic_and_never_a_module(database: Database) -> None:
    parts = database.open()
    facts = tuple((fact, stamp(n)) for n, fact in enumerate(EXAMPLES.values(), start=1))
    parts.store.append([Append("deal/d-1", 0, facts, subject="c-1")])
    rows = database.run("SELECT topic, state FROM stored_events ORDER BY originator_version")
    assert [topic for topic, _ in rows] == list(EXAMPLES)
    everything = b"".join(bytes(state) for _, state in rows)
    assert b"dealflow.domain" not in everything
    assert PHONE.encode() not in everything
    assert CUSTOMER_NAME.encode() not in everything
    assert base64.b64encode(PHONE.encode()) not in everything


def test_a_stamp_of_now_is_read_without_any_key() -> None:
    assert decode([stored(EXAMPLES["deal.lost.v1"])], OneKey())[0].stamp.recorded_at == AT
