"""Many deals at once, each in its own order: bounded, and nothing begins after an error."""

from collections.abc import Iterator
from threading import Lock
from time import sleep

import pytest
from bench.live.scheduler import LiveEntry, NoWorkflowMoves, Scheduler

from dealflow.domain.deal import commands as c


def entry(deal_id: str, number: int) -> LiveEntry:
    commands = (c.RecordActivity(what="called"),)
    envelope = c.Envelope(command_id=f"{deal_id}-{number}", deal_id=deal_id, who=c.Who(actor="ops"), commands=commands)
    return LiveEntry(envelope, last=False)


class Giver:
    """Answers every command after a moment, and notes what was under way together."""

    def __init__(self, *, fail: str = "", wait_after: str = "") -> None:
        self._lock, self._fail, self._wait_after = Lock(), fail, wait_after
        self.order: list[str] = []
        self.under_way: list[str] = []
        self.most = 0

    def give(self, entry: LiveEntry) -> int | None:
        deal_id, command_id = entry.envelope.deal_id, entry.envelope.command_id
        with self._lock:
            assert deal_id not in self.under_way
            self.under_way.append(deal_id)
            self.most = max(self.most, len(self.under_way))
        sleep(0.002)
        with self._lock:
            self.under_way.remove(deal_id)
            self.order.append(command_id)
        if command_id == self._fail:
            raise ConnectionError("the store went away")
        return 1 if command_id == self._wait_after else None

    def of(self, deal_id: str) -> list[str]:
        return [command_id for command_id in self.order if command_id.startswith(f"{deal_id}-")]


def seen(_deal_id: str, _version: int) -> bool:
    return True


def unseen(_deal_id: str, _version: int) -> bool:
    return False


def test_deals_go_side_by_side_and_each_keeps_its_order() -> None:
    giver = Giver()
    Scheduler(giver.give, seen, at_once=4).run(entry(f"d{deal}", n) for n in range(8) for deal in range(10))
    assert len(giver.order) == 80 and 1 < giver.most <= 4
    for deal in range(10):
        assert giver.of(f"d{deal}") == [f"d{deal}-{number}" for number in range(8)]


def test_no_more_is_taken_ahead_than_there_is_room_for() -> None:
    giver, ahead = Giver(), list[int]()

    def entries() -> Iterator[LiveEntry]:
        for number in range(100):
            ahead.append(number - len(giver.order))
            yield entry("d1", number)

    Scheduler(giver.give, seen, room=8).run(entries())
    assert len(giver.order) == 100 and max(ahead) <= 8


def test_an_error_ends_it_and_is_raised_when_nothing_is_under_way() -> None:
    giver = Giver(fail="d1-3")
    with pytest.raises(ConnectionError):
        Scheduler(giver.give, seen, at_once=4, room=8).run(entry(f"d{deal}", n) for n in range(50) for deal in range(4))
    assert giver.under_way == [] and giver.of("d1")[-1] == "d1-3"


def test_a_deal_goes_on_when_its_workflow_has_seen_it() -> None:
    giver, asked = Giver(wait_after="d1-0"), list[tuple[str, int]]()

    def has_seen(deal_id: str, version: int) -> bool:
        asked.append((deal_id, version))
        return len(asked) > 2

    Scheduler(giver.give, has_seen).run(entry("d1", number) for number in range(3))
    assert giver.order == ["d1-0", "d1-1", "d1-2"] and asked == [("d1", 1)] * 3


def test_a_deal_that_waits_holds_no_other_and_not_for_ever() -> None:
    giver = Giver(wait_after="d1-0")
    with pytest.raises(NoWorkflowMoves, match="d1"):
        Scheduler(giver.give, unseen, patience_seconds=0.5).run(
            entry(deal, number) for number in range(20) for deal in ("d1", "d2")
        )
    assert (giver.of("d1"), len(giver.of("d2"))) == (["d1-0"], 20)
