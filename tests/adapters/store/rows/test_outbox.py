"""What every outbox does with a notice: keeps it until it was delivered, tells it once, holds it with its batch."""

from datetime import datetime, timedelta

from dealflow.application.ports.outbox import Outbox
from dealflow.application.ports.store import EventStore
from dealflow.domain.escalation.notice import Notice
from tests.adapters.store.conftest import Database
from tests.support.deals.facts import AT
from tests.support.stores.appends import append, notice

AS_WRITTEN_BY_0_1 = (
    '{"key":"n-1","recipient":"周总","kind":"escalation","deal_id":"d-1","title":"Werkhalle 项目","subject":{"owner":"陈晨",'
    '"stage":"meeting","stage_title":{"zh":"面见约访"},"clock":"stage_age","limit":"10 working days","since":null,'
    f'"due_at":"{AT.isoformat()}","provisional":false,"missing":[],"asked":[],"escalation_id":null,"high_risk":false,'
    '"backlog":false,"decision":null,"decided_by":null,"decision_reason":null,"next_due_at":null},"mode":"now","batch":null,'
    f'"created_at":"{AT.isoformat()}"}}'
)


def after(minutes: float) -> datetime:
    return AT + timedelta(minutes=minutes)


def put(store: EventStore, *notices: Notice) -> None:
    store.append([append(f"d-{store.head()}", notices=notices)])


def keys(outbox: Outbox, recipient: str = "周总") -> list[str]:
    return [waiting.notice.key for waiting in outbox.waiting(recipient)]


def test_a_notice_waits_as_it_was_written(store: EventStore, outbox: Outbox) -> None:
    put(store, notice("n-1"))
    (waiting,) = outbox.waiting("周总")
    assert waiting.notice == notice("n-1")
    assert (waiting.attempts, waiting.next_try_at, waiting.last_error) == (0, AT, "")
    assert outbox.counts() == {"waiting": 1, "delivered": 0, "abandoned": 0, "superseded": 0, "held": 0}


def test_a_notice_of_before_correlation_ids_is_still_delivered(database: Database) -> None:
    parts = database.open()
    put(parts.store, notice("n-1").model_copy(update={"command_id": "c-1", "correlation_id": "cor-1"}))
    assert parts.outbox.waiting("周总")[0].notice.correlation_id == "cor-1"
    database.run("UPDATE notices SET notice = ?", AS_WRITTEN_BY_0_1)
    (waiting,) = parts.outbox.waiting("周总")
    assert waiting.notice == notice("n-1") and waiting.notice.correlation_id is None


def test_each_recipient_has_the_oldest_first(store: EventStore, outbox: Outbox) -> None:
    put(store, notice("n-3", minutes=3), notice("n-1", minutes=1), notice("other", "吴总"), notice("n-2", minutes=1))
    assert keys(outbox) == ["n-1", "n-2", "n-3"]
    assert keys(outbox, "吴总") == ["other"]
    assert [waiting.notice.key for waiting in outbox.waiting("周总", limit=1)] == ["n-1"]


def test_a_key_is_told_once_however_often_it_is_written(store: EventStore, outbox: Outbox) -> None:
    put(store, notice("n-1"))
    outbox.delivered(["n-1"], "file", after(1))
    put(store, notice("n-1", minutes=5))
    put(store, notice("n-2"), notice("n-2", minutes=9))
    assert keys(outbox) == ["n-2"]
    assert outbox.counts() == {"waiting": 1, "delivered": 1, "abandoned": 0, "superseded": 0, "held": 0}


def test_recipients_come_with_the_instant_from_which_they_may_be_told(store: EventStore, outbox: Outbox) -> None:
    put(store, notice("n-1", "a", minutes=5), notice("n-2", "a", minutes=1), notice("n-3", "b"), notice("n-4", "c"))
    outbox.failed(["n-3"], "mail server away", after(30))
    outbox.delivered(["n-4"], "file", after(1))
    assert outbox.recipients(10) == [("a", after(1)), ("b", after(30))]
    assert outbox.recipients(1) == [("a", after(1))]


def test_a_failed_notice_waits_for_its_next_try(store: EventStore, outbox: Outbox) -> None:
    put(store, notice("n-1"))
    outbox.failed(["n-1"], "452 mailbox full", after(5))
    outbox.failed(["n-1"], "421 try later", after(15))
    (waiting,) = outbox.waiting("周总")
    assert (waiting.attempts, waiting.last_error, waiting.next_try_at) == (2, "421 try later", after(15))


def test_a_notice_that_no_channel_takes_is_abandoned(store: EventStore, outbox: Outbox) -> None:
    put(store, notice("n-1"))
    outbox.failed(["n-1"], "550 no such user", None)
    assert keys(outbox) == []
    assert outbox.recipients(10) == []
    assert outbox.counts() == {"waiting": 0, "delivered": 0, "abandoned": 1, "superseded": 0, "held": 0}


def test_a_delivered_notice_stays_delivered_when_a_late_failure_comes_in(store: EventStore, outbox: Outbox) -> None:
    put(store, notice("n-1"))
    outbox.delivered(["n-1", "unknown"], "file", after(1))
    outbox.failed(["n-1"], "time limit", after(2))
    outbox.failed(["n-1"], "time limit", None)
    assert outbox.counts() == {"waiting": 0, "delivered": 1, "abandoned": 0, "superseded": 0, "held": 0}


def test_what_another_has_delivered_or_given_up_does_not_wait_any_more(store: EventStore, outbox: Outbox) -> None:
    keys = [f"n{n:04}" for n in range(1_200)]
    store.append([append("d-1", notices=[notice(key, "dora") for key in keys])])
    assert outbox.all_wait(keys) and outbox.all_wait(["n0007", "n0007"]) and not outbox.all_wait(["n0007", "none"])
    outbox.delivered(["n0007"], "mail", AT)
    outbox.failed(["n1100"], "no such address", None)
    outbox.failed(["n0001"], "does not answer", AT)
    assert not outbox.all_wait(keys) and not outbox.all_wait(["n1100"]) and outbox.all_wait(["n0001", "n0002"])


def test_a_batch_is_held_until_it_is_finished(store: EventStore, outbox: Outbox) -> None:
    outbox.open_batch("import-1")
    put(store, notice("n-1", batch="import-1"), notice("n-2"))
    assert keys(outbox) == ["n-2"]
    assert outbox.recipients(10) == [("周总", AT)]
    assert outbox.counts() == {"waiting": 1, "delivered": 0, "abandoned": 0, "superseded": 0, "held": 1}
    outbox.finish_batch("import-1", after(9))
    assert keys(outbox) == ["n-1", "n-2"]
    assert outbox.counts()["held"] == 0


def test_a_batch_is_opened_by_its_first_notice_if_by_nobody_else(store: EventStore, outbox: Outbox) -> None:
    put(store, notice("n-1", batch="import-1"))
    assert outbox.counts()["held"] == 1


def test_opening_a_batch_again_changes_nothing(store: EventStore, outbox: Outbox) -> None:
    put(store, notice("n-1", batch="import-1"))
    outbox.open_batch("import-1")
    assert keys(outbox) == []
    outbox.finish_batch("import-1", after(1))
    outbox.open_batch("import-1")
    assert keys(outbox) == ["n-1"]


def test_batches_are_finished_apart(store: EventStore, outbox: Outbox) -> None:
    put(store, notice("n-1", batch="import-1"), notice("n-2", batch="import-2"))
    outbox.finish_batch("import-2", after(1))
    outbox.finish_batch("never-used", after(1))
    assert keys(outbox) == ["n-2"]


def test_thousands_of_notices_are_delivered_in_one_report(store: EventStore, outbox: Outbox) -> None:
    put(store, *(notice(f"n-{n}", batch="import-1") for n in range(1291)))
    outbox.finish_batch("import-1", after(1))
    outbox.delivered(keys(outbox), "file", after(2))
    assert outbox.counts() == {"waiting": 0, "delivered": 1291, "abandoned": 0, "superseded": 0, "held": 0}
    outbox.delivered([], "file", after(3))


def test_what_is_superseded_waits_no_more_and_is_counted_with_its_reason(database: Database) -> None:
    parts = database.open()
    put(parts.store, notice("n-1"), notice("n-2"))
    parts.outbox.delivered(["n-2"], "file", after(1))
    parts.outbox.superseded(["n-1", "n-2"], "the stall has ended")
    assert keys(parts.outbox) == []
    assert parts.outbox.counts() == {"waiting": 0, "delivered": 1, "abandoned": 0, "superseded": 1, "held": 0}
    parts.outbox.failed(["n-1"], "late", after(9))
    assert parts.outbox.counts()["superseded"] == 1
