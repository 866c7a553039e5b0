"""A delivery that takes long gives signs of life, so that the server does not have it tried a second time meanwhile."""

from datetime import UTC, datetime
from threading import Event
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from dealflow.adapters.temporal import activities
from dealflow.adapters.temporal.activities import Activities
from dealflow.application.delivering import Delivered
from dealflow_workflows.contracts import DeliverRequest
from tests.support.memory_store import MemoryStore
from tests.support.scripted import ScriptedDeals, ScriptedDelivering


def test_a_message_that_hangs_gives_signs_of_life_until_it_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activities, "SECONDS_BETWEEN_SIGNS", 0.01)
    signs = Event()
    environment = ActivityEnvironment()

    def heard(*_: Any) -> None:
        signs.set()

    environment.on_heartbeat = heard
    # The message is only sent when a sign was heard.
    delivering = ScriptedDelivering([Delivered(delivered=1, failed=0)], during=lambda: assert_heard(signs))
    acts = Activities(ScriptedDeals([]), MemoryStore().schedule, delivering)
    told = environment.run(acts.deliver_notices, DeliverRequest(person_id="dora", now=datetime(2026, 1, 1, tzinfo=UTC)))
    assert told.delivered == 1


def assert_heard(signs: Event) -> None:
    assert signs.wait(20)
