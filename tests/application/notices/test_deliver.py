"""Telling a person: at once or as one digest, by the channels in order, each failure for itself."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dealflow.adapters.notices.texts import NoticeTexts
from dealflow.application.notices.deliver import (
    MOST_FAILURES,
    MOST_MESSAGES,
    RECORD_AGAIN_SECONDS,
    DeliverNotices,
    back_off,
)
from dealflow.application.ports.store import StoreUnreachable
from dealflow.domain.escalation.notice import Message, Mode, Notice, NoticeSubject, channel_key, digest_key, notice_key
from dealflow.domain.people.organisation import Organisation, Person
from tests.support.stores.memory_store import MemoryOutbox
from tests.support.workers.recording_deliverer import PERMANENT, TEMPORARY, RecordingDeliverer

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
PEOPLE = Organisation(people={"dora": Person(id="dora", name="Dora"), "li": Person(id="li", name="李", language="zh")})
POISON = "poison"


class PoisonedTexts(NoticeTexts):
    """Cannot put one notice into words."""

    def _values(self, notice: Notice, *more: object) -> dict[str, str]:
        if notice.title == POISON:
            raise ValueError("no words")
        return super()._values(notice, *more)  # type: ignore[arg-type]


def notice(number: int, mode: Mode = "now", batch: str | None = None, at: datetime = NOON, title: str = "") -> Notice:
    return Notice(
        key=notice_key(f"stall-{number}", 0, 0, "dora"),
        recipient="dora",
        kind="escalation",
        deal_id=f"D-{number}",
        title=title or f"Deal {number}",
        subject=NoticeSubject(owner="anna", stage="meeting", clock="stage_age", limit="10 days", due_at=NOON),
        mode=mode,
        batch=batch,
        created_at=at,
    )


def given(
    *notices: Notice,
    fault: Callable[[str, Message], Exception | None] = lambda channel, message: None,
    over: Callable[[Notice], str | None] = lambda notice: None,
) -> tuple[DeliverNotices, MemoryOutbox, RecordingDeliverer]:
    outbox, deliverer = MemoryOutbox(), RecordingDeliverer(fault=fault)
    outbox.add(notices)
    gather = timedelta(minutes=15)
    delivering = DeliverNotices(
        outbox,
        deliverer,
        PoisonedTexts(),
        lambda: PEOPLE,
        zone=ZoneInfo("UTC"),
        gather=gather,
        superseded=lambda notice, _: over(notice),
    )
    return delivering, outbox, deliverer


def test_immediate_notices_go_out_each_by_itself_by_the_first_channel() -> None:
    delivering, outbox, deliverer = given(notice(1), notice(2))
    told = delivering.deliver("dora", NOON)
    assert (told.delivered, told.failed, told.next_try_at) == (2, 0, None)
    assert [sent.key for sent in deliverer.sent] == [
        channel_key(notice(1).key, "mail"),
        channel_key(notice(2).key, "mail"),
    ]
    assert outbox.counts() == {"waiting": 0, "delivered": 2, "abandoned": 0, "superseded": 0, "held": 0}


def test_delivering_again_sends_nothing() -> None:
    delivering, _, deliverer = given(notice(1))
    delivering.deliver("dora", NOON)
    told = delivering.deliver("dora", NOON)
    assert told.delivered == 0 and told.next_try_at is None and len(deliverer.sent) == 1


class AwayOutbox(MemoryOutbox):
    """Cannot take so many reports of what was delivered."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    def delivered(self, keys: Sequence[str], channel: str, at: datetime) -> None:
        self.times -= 1
        if self.times >= 0:
            raise StoreUnreachable("away")
        super().delivered(keys, channel, at)


def over_a_store_that_is_away(times: int) -> tuple[DeliverNotices, RecordingDeliverer, list[float]]:
    outbox, deliverer, pauses = AwayOutbox(times), RecordingDeliverer(), list[float]()
    outbox.add([notice(1)])
    gather, zone = timedelta(minutes=15), ZoneInfo("UTC")
    delivering = DeliverNotices(
        outbox, deliverer, NoticeTexts(), lambda: PEOPLE, zone=zone, gather=gather, pause=pauses.append
    )
    return delivering, deliverer, pauses


def test_what_went_out_is_put_on_record_when_the_store_is_back_and_not_sent_again() -> None:
    delivering, deliverer, pauses = over_a_store_that_is_away(3)
    assert delivering.deliver("dora", NOON).delivered == 1
    assert len(deliverer.sent) == 1 and pauses == list(RECORD_AGAIN_SECONDS[:3])


def test_a_store_that_stays_away_or_a_worker_that_stops_is_not_waited_for_for_ever() -> None:
    delivering, deliverer, pauses = over_a_store_that_is_away(99)
    with pytest.raises(StoreUnreachable):
        delivering.deliver("dora", NOON)
    assert len(deliverer.sent) == 1 and pauses == list(RECORD_AGAIN_SECONDS)
    delivering, deliverer, pauses = over_a_store_that_is_away(99)
    with pytest.raises(StoreUnreachable):
        delivering.deliver("dora", NOON, lambda: bool(deliverer.sent))
    assert pauses == []


def test_whoever_is_told_to_stop_finishes_the_message_in_hand_and_leaves_the_others_due() -> None:
    delivering, outbox, deliverer = given(notice(1), notice(2), notice(3))
    told = delivering.deliver("dora", NOON, lambda: bool(deliverer.sent))
    assert (told.delivered, told.failed, told.next_try_at) == (1, 0, NOON)
    assert delivering.deliver("dora", NOON).delivered == 2
    assert len({sent.key for sent in deliverer.sent}) == len(deliverer.sent) == 3
    assert outbox.counts()["delivered"] == 3


def test_whoever_was_given_up_and_goes_on_sends_nothing_that_its_successor_has_sent() -> None:
    """A delivery whose signs of life did not come through: the server has another begun while it hangs in a message."""
    outbox, sent, hangs = MemoryOutbox(), Counter[str](), iter([False, True])
    outbox.add([notice(number) for number in range(5)])

    def hang_in_the_second(channel: str, message: Message) -> None:
        sent[message.subject] += 1
        if next(hangs, False):
            assert delivering.deliver("dora", NOON).delivered == 4

    deliverer, gather = RecordingDeliverer(fault=hang_in_the_second), timedelta(minutes=15)
    delivering = DeliverNotices(outbox, deliverer, NoticeTexts(), lambda: PEOPLE, zone=ZoneInfo("UTC"), gather=gather)
    assert delivering.deliver("dora", NOON).delivered == 2
    # Nobody can know whether the one in hand went out.
    assert sorted(sent.values()) == [1, 1, 1, 1, 2] and outbox.counts()["delivered"] == 5


def test_whoever_is_given_up_finishes_the_message_in_hand_and_puts_it_on_record() -> None:
    delivering, outbox, deliverer = given(notice(1), notice(2))
    told = delivering.deliver("dora", NOON, is_given_up=lambda: bool(deliverer.sent))
    assert told.delivered == 1 and outbox.counts()["waiting"] == 1


def test_a_finished_batch_is_one_message_however_many_notices_it_has() -> None:
    backlog = [notice(number, "digest", "import-1") for number in range(1291)]
    delivering, outbox, deliverer = given(*backlog)
    assert delivering.deliver("dora", NOON).next_try_at is None
    assert deliverer.sent == []
    outbox.finish_batch("import-1", NOON)
    assert delivering.deliver("dora", NOON).delivered == 1291
    [sent] = deliverer.sent
    assert sent.key == channel_key(digest_key("dora", [each.key for each in backlog]), "mail")
    assert "1291" in sent.subject


def test_other_digests_gather_until_the_oldest_is_fifteen_minutes_old() -> None:
    delivering, _, deliverer = given(notice(1, "digest", at=NOON), notice(2, "digest", at=NOON + timedelta(minutes=10)))
    told = delivering.deliver("dora", NOON + timedelta(minutes=14))
    assert told.delivered == 0 and told.next_try_at == NOON + timedelta(minutes=15)
    told = delivering.deliver("dora", NOON + timedelta(minutes=15))
    assert told.delivered == 2 and len(deliverer.sent) == 1


def test_a_digest_that_is_sent_again_has_the_same_notices_and_key() -> None:
    """Sending succeeded and recording did not: what was created after the window must not change the message."""
    first, late = notice(1, "digest", at=NOON), notice(2, "digest", at=NOON + timedelta(minutes=16))
    delivering, outbox, deliverer = given(first, fault=lambda channel, message: TEMPORARY)
    delivering.deliver("dora", NOON + timedelta(minutes=15))
    outbox.add([late])
    delivering.deliver("dora", NOON + timedelta(minutes=20))
    assert len(deliverer.tried) == 2 and len(set(deliverer.tried)) == 1


def test_a_permanent_failure_passes_to_the_next_channel() -> None:
    delivering, _, deliverer = given(notice(1), fault=lambda channel, message: PERMANENT if channel == "mail" else None)
    assert delivering.deliver("dora", NOON).delivered == 1
    assert [sent.channel for sent in deliverer.sent] == ["chat"]


def test_when_every_channel_fails_for_ever_the_notice_is_abandoned() -> None:
    delivering, outbox, deliverer = given(notice(1), fault=lambda channel, message: PERMANENT)
    told = delivering.deliver("dora", NOON)
    assert (told.failed, told.next_try_at) == (1, None)
    assert outbox.counts()["abandoned"] == 1 and len(deliverer.tried) == 2


def test_a_temporary_failure_is_tried_again_by_the_same_channel_with_growing_patience() -> None:
    delivering, outbox, deliverer = given(notice(1), fault=lambda channel, message: TEMPORARY)
    now = NOON
    waited = []
    for _ in range(9):
        told = delivering.deliver("dora", now)
        assert told.next_try_at is not None
        waited.append((told.next_try_at - now).total_seconds())
        now = told.next_try_at
    assert waited == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert {key.rpartition("/")[2] for key in deliverer.tried} == {"mail"}
    assert outbox.waiting("dora")[0].last_error == "does not answer"


def test_back_off_never_exceeds_an_hour() -> None:
    assert back_off(0) == timedelta(seconds=30) and back_off(10_000) == timedelta(hours=1)


def test_one_poisonous_notice_holds_no_other() -> None:
    delivering, outbox, _ = given(notice(1), notice(2, title=POISON), notice(3))
    told = delivering.deliver("dora", NOON)
    assert (told.delivered, told.failed) == (2, 1) and told.next_try_at == NOON + timedelta(seconds=30)
    assert "no words" in outbox.waiting("dora")[0].last_error


def test_a_digest_goes_out_without_its_poisonous_notice() -> None:
    batch = [notice(1, "digest", "b"), notice(2, "digest", "b", title=POISON), notice(3, "digest", "b")]
    delivering, outbox, deliverer = given(*batch)
    outbox.finish_batch("b", NOON)
    told = delivering.deliver("dora", NOON)
    assert (told.delivered, told.failed) == (2, 1)
    assert [sent.key for sent in deliverer.sent] == [
        channel_key(digest_key("dora", [batch[0].key, batch[2].key]), "mail")
    ]


def test_a_digest_of_poisonous_notices_alone_is_tried_again_later() -> None:
    delivering, outbox, deliverer = given(*(notice(number, "digest", "b", title=POISON) for number in (1, 2)))
    outbox.finish_batch("b", NOON)
    told = delivering.deliver("dora", NOON)
    assert told.failed == 2 and told.next_try_at == NOON + timedelta(seconds=30) and deliverer.tried == []


def test_a_message_that_its_channel_refuses_holds_no_other() -> None:
    delivering, _, _ = given(
        notice(1), notice(2), notice(3), fault=lambda channel, message: TEMPORARY if "D-2" in message.subject else None
    )
    told = delivering.deliver("dora", NOON)
    assert (told.delivered, told.failed) == (2, 1)


def test_a_channel_that_does_not_answer_is_not_tried_for_every_notice() -> None:
    delivering, _, deliverer = given(
        *(notice(number) for number in range(10)), fault=lambda channel, message: TEMPORARY
    )
    told = delivering.deliver("dora", NOON)
    assert len(deliverer.tried) == MOST_FAILURES and told.failed == 10
    assert told.next_try_at == NOON + timedelta(seconds=30)


def test_a_long_delivery_ends_and_asks_to_go_on() -> None:
    delivering, _, deliverer = given(*(notice(number) for number in range(MOST_MESSAGES + 5)))
    told = delivering.deliver("dora", NOON)
    assert told.delivered == MOST_MESSAGES
    assert told.next_try_at is not None and told.next_try_at <= NOON
    assert delivering.deliver("dora", NOON).next_try_at is None and len(deliverer.sent) == MOST_MESSAGES + 5


def test_somebody_who_is_no_longer_in_the_people_file_is_told_nothing() -> None:
    stranger = notice(1).model_copy(update={"recipient": "gone"})
    delivering, outbox, deliverer = given(stranger)
    assert delivering.deliver("gone", NOON).next_try_at is None
    assert outbox.counts()["abandoned"] == 1 and deliverer.tried == []


def test_a_people_file_that_is_missing_gives_nobody_up() -> None:
    outbox, deliverer = MemoryOutbox(), RecordingDeliverer()
    outbox.add([notice(1)])
    nobody = Organisation(declared=False)
    delivering = DeliverNotices(
        outbox, deliverer, NoticeTexts(), lambda: nobody, zone=ZoneInfo("UTC"), gather=timedelta(minutes=15)
    )
    told = delivering.deliver("dora", NOON)
    assert (told.failed, told.next_try_at) == (1, NOON + timedelta(seconds=30))
    assert outbox.counts()["waiting"] == 1 and deliverer.tried == []


@pytest.mark.parametrize("fault", [RuntimeError("surprise"), OSError("disk full")])
def test_whatever_a_channel_raises_is_tried_again(fault: Exception) -> None:
    delivering, outbox, _ = given(notice(1), fault=lambda channel, message: fault)
    told = delivering.deliver("dora", NOON)
    assert told.failed == 1 and told.next_try_at == NOON + timedelta(seconds=30)
    assert str(fault) in outbox.waiting("dora")[0].last_error


@pytest.mark.parametrize("mode", ["now", "digest"])
def test_what_is_over_when_it_would_go_out_is_not_told_and_counted(mode: Mode) -> None:
    notices = [notice(number, mode) for number in (1, 2, 3)]
    delivering, outbox, deliverer = given(*notices, over=lambda each: "it is over" if each.deal_id != "D-2" else None)
    done = delivering.deliver("dora", NOON + timedelta(minutes=16))
    assert (done.delivered, done.failed, done.next_try_at) == (1, 0, None)
    [message] = deliverer.sent
    assert "D-2" in message.body and "D-1" not in message.body and "D-3" not in message.body
    assert outbox.counts() == {"waiting": 0, "delivered": 1, "abandoned": 0, "superseded": 2, "held": 0}
