"""Deliveries in metrics and traces: under the step that they tell of, with a link to each in a digest, and without a name."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dealflow.adapters.notices.texts import NoticeTexts
from dealflow.application.notices.deliver import MOST_LINKS, DeliverNotices
from dealflow.domain.escalation.notice import Message, Mode, Notice, NoticeSubject
from dealflow.domain.people.organisation import Organisation, Person
from dealflow.observability import metrics as m
from dealflow.observability.traces import Cause, Span
from tests.support.observed.gathered_spans import gathered
from tests.support.stores.memory_store import MemoryOutbox
from tests.support.workers.recording_deliverer import PERMANENT, TEMPORARY, RecordingDeliverer

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
PEOPLE = Organisation(people={"dora": Person(id="dora", name="Dora")})


@pytest.fixture
def spans() -> Iterator[list[Span]]:
    m.take()
    with gathered() as found:
        yield found
    m.take()


def notice(number: int, mode: Mode = "now", correlation_id: str | None = "call-7") -> Notice:
    return Notice(
        key=f"n-{number}",
        recipient="dora",
        kind="escalation",
        deal_id=f"D-{number}",
        title="Flat of Zhang Wei",
        subject=NoticeSubject(owner="anna", stage="meeting", clock="stage_age", limit="10 days", due_at=NOON),
        mode=mode,
        created_at=NOON,
        command_id=f"look-{number}" if correlation_id else None,
        correlation_id=correlation_id,
    )


def deliver(
    *notices: Notice, fault: Callable[[str, Message], Exception | None] = lambda channel, message: None
) -> None:
    outbox = MemoryOutbox()
    outbox.add(notices)
    gather = timedelta(minutes=15)
    deliverer = RecordingDeliverer(fault=fault)
    delivering = DeliverNotices(outbox, deliverer, NoticeTexts(), lambda: PEOPLE, zone=ZoneInfo("UTC"), gather=gather)
    delivering.deliver("dora", NOON + gather)


def test_a_message_goes_on_from_what_it_tells_of(spans: list[Span]) -> None:
    deliver(notice(1))
    [step] = spans
    assert step.name == "deliver" and step.parent == Cause("call-7", "look-1") and step.links == ()
    assert step.trace_id == Cause("call-7", "").trace_id
    assert step.attributes == {
        "dealflow.notices": 1, "dealflow.digest": False, "dealflow.correlation_id": "call-7",
        "dealflow.outcome": "delivered", "dealflow.channel": "mail",
    }  # fmt: skip
    assert m.take() == [(m.DELIVERED, ("mail",), 1)]


def test_a_digest_has_a_link_to_each_and_not_more_than_a_span_keeps(spans: list[Span]) -> None:
    deliver(notice(1, "digest"), notice(2, "digest", "call-8"))
    [step] = spans
    assert step.parent is None and step.links == (Cause("call-7", "look-1"), Cause("call-8", "look-2"))
    deliver(*(notice(number, "digest") for number in range(2 * MOST_LINKS)))
    assert len(spans[1].links) == MOST_LINKS and spans[1].attributes["dealflow.notices"] == 2 * MOST_LINKS
    assert m.take() == [(m.DELIVERED, ("mail",), 2 + 2 * MOST_LINKS)]


def test_a_notice_of_before_is_a_trace_of_its_own(spans: list[Span]) -> None:
    deliver(notice(1, correlation_id=None))
    assert spans[0].parent is None and spans[0].links == ()


@pytest.mark.parametrize(
    ("fault", "outcome", "metric", "labels"),
    [(TEMPORARY, "failed", m.FAILED, ("mail",)), (PERMANENT, "abandoned", m.ABANDONED, ())],
)
def test_what_did_not_get_through_is_said_and_counted(
    spans: list[Span], fault: Exception, outcome: str, metric: m.Metric, labels: tuple[str, ...]
) -> None:
    deliver(notice(1), fault=lambda channel, message: fault)
    [step] = spans
    assert step.attributes["dealflow.outcome"] == outcome and step.error == ""
    assert m.take() == [(metric, labels, 1)]
    assert not {"Zhang", "dora", "Dora"} & set(str(step.attributes).replace("'", " ").split())


def test_without_anybody_to_send_them_to_nothing_but_the_count_is_left() -> None:
    m.take()
    deliver(notice(1), notice(2))
    assert m.take() == [(m.DELIVERED, ("mail",), 2)]
