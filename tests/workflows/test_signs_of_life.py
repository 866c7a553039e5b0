"""A delivery that takes long gives signs of life, so that the server does not have it tried a second time meanwhile."""

from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from time import sleep
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from temporalio.testing import ActivityEnvironment

from dealflow.adapters.notices.texts import NoticeTexts
from dealflow.adapters.temporal import activities
from dealflow.adapters.temporal.activities import Activities
from dealflow.application.notices.deliver import Delivered, DeliverNotices
from dealflow.domain.escalation.notice import Message
from dealflow.domain.people.organisation import Organisation, Person
from dealflow_workflows.contracts import DeliverRequest
from tests.support.deals.facts import AT
from tests.support.stores.appends import notice
from tests.support.stores.memory_store import MemoryOutbox, MemoryStore
from tests.support.waiting import LONGEST_SECONDS
from tests.support.workers.recording_deliverer import RecordingDeliverer
from tests.support.workers.scripted import ScriptedDeals, ScriptedDelivering


def test_a_message_that_hangs_gives_signs_of_life_until_it_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activities, "SECONDS_BETWEEN_SIGNS", 0.01)
    signs = Event()
    environment = ActivityEnvironment()

    def heard(*_: Any) -> None:
        signs.set()

    environment.on_heartbeat = heard
    # The message is only sent when a sign was heard.
    delivering = ScriptedDelivering([Delivered(delivered=1, failed=0)], during=lambda: assert_heard(signs))
    acts = Activities(ScriptedDeals([]), MemoryStore().schedule, delivering, lambda _: None)
    told = environment.run(acts.deliver_notices, DeliverRequest(person_id="dora", now=datetime(2026, 1, 1, tzinfo=UTC)))
    assert told.delivered == 1


def test_a_delivery_that_is_cancelled_while_it_sends_records_what_went_out() -> None:
    """Else the same message would go out again when the recipient's next delivery begins."""
    environment = ActivityEnvironment()
    outbox = MemoryOutbox()
    outbox.add([notice("n", "dora")])
    people = Organisation(people={"dora": Person(id="dora", name="Dora")})

    def cancelled_after_sending(channel: str, message: Message) -> None:
        Thread(target=environment.cancel).start()
        sleep(0.3)  # the receiver has it, and takes its time to answer

    deliverer = RecordingDeliverer(fault=cancelled_after_sending)
    delivering = DeliverNotices(
        outbox, deliverer, NoticeTexts(), lambda: people, zone=ZoneInfo("UTC"), gather=timedelta(minutes=1)
    )
    acts = Activities(ScriptedDeals([]), MemoryStore().schedule, delivering, lambda _: None)
    told = environment.run(acts.deliver_notices, DeliverRequest(person_id="dora", now=AT))
    assert told.delivered == 1 and outbox.counts()["delivered"] == 1


def assert_heard(signs: Event) -> None:
    assert signs.wait(LONGEST_SECONDS)
