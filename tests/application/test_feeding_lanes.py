"""Many deals at once, each in its own order: bounded, stoppable, and nothing begins after an error."""

from collections.abc import Iterator
from threading import Event, Lock
from time import monotonic, sleep

import pytest

from dealflow.application.commands.answers import Answer
from dealflow.application.imports.feeding_lanes import FeedEntry, Given, Lanes
from dealflow.application.ports.store import StoreUnreachable
from dealflow.domain.deal import commands as c
from dealflow.domain.process.definition import ProcessRef
from dealflow.domain.values.refusal import Code, Reason

OPENING = c.OpenDeal(title="A loan", process=ProcessRef(name="loan", version=1, digest="0"))


def seen(_deal_id: str, _version: int) -> bool:
    return True


def unseen(_deal_id: str, _version: int) -> bool:
    return False


def none_moves() -> bool:
    return False


def entry(deal_id: str, number: int, command: c.Command | None = None) -> FeedEntry:
    commands = (command or c.RecordActivity(what="called"),)
    envelope = c.Envelope(command_id=f"{deal_id}-{number}", deal_id=deal_id, who=c.Who(actor="ops"), commands=commands)
    return FeedEntry(envelope, "log.xes", 1, last=False)


class Giver:
    """Answers every command after a moment, and notes what was under way together."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.order: list[str] = []
        self.under_way: list[str] = []
        self.most = 0
        self.refuse: set[str] = set()
        self.fail: str | None = None
        self.wait_after: set[str] = set()

    def give(self, entry: FeedEntry) -> Given:
        deal_id, command_id = entry.envelope.deal_id, entry.envelope.command_id
        with self.lock:
            assert deal_id not in self.under_way
            self.under_way.append(deal_id)
            self.most = max(self.most, len(self.under_way))
        sleep(0.002)
        with self.lock:
            self.under_way.remove(deal_id)
            self.order.append(command_id)
        if command_id == self.fail:
            raise StoreUnreachable("the store went away")
        if command_id in self.refuse:
            return Given(entry, reasons=(Reason(code=Code.DEAL_EXISTS, place=deal_id),))
        answer = Answer(
            command_id=command_id, deal_id=deal_id, version=1, stage="meet", outcome="open", in_progress=True
        )
        return Given(entry, answer, waits_for=1 if command_id in self.wait_after else None)


def of_each(giver: Giver, deal_id: str) -> list[str]:
    return [command_id for command_id in giver.order if command_id.startswith(f"{deal_id}-")]


def test_deals_go_side_by_side_and_each_keeps_its_order() -> None:
    giver, done = Giver(), list[Given]()
    entries = [entry(f"d{deal}", number) for number in range(8) for deal in range(10)]
    Lanes(giver.give, seen, none_moves, done.append, at_once=4).run(entries, None, Event())
    assert len(done) == 80 and 1 < giver.most <= 4
    for deal in range(10):
        assert of_each(giver, f"d{deal}") == [f"d{deal}-{number}" for number in range(8)]


def test_no_more_is_read_ahead_than_there_is_room_for() -> None:
    giver, done, ahead = Giver(), list[Given](), list[int]()

    def entries() -> Iterator[FeedEntry]:
        for number in range(100):
            ahead.append(number - len(done))
            yield entry("d1", number)

    Lanes(giver.give, seen, none_moves, done.append, room=8).run(entries(), None, Event())
    assert len(done) == 100 and max(ahead) <= 8


def test_an_error_ends_it_and_is_raised_when_nothing_is_under_way() -> None:
    giver = Giver()
    giver.fail = "d1-3"
    entries = [entry(f"d{deal}", number) for number in range(50) for deal in range(4)]
    with pytest.raises(StoreUnreachable):
        Lanes(giver.give, seen, none_moves, lambda _: None, at_once=4, room=8).run(entries, None, Event())
    assert giver.under_way == [] and of_each(giver, "d1")[-1] == "d1-3"


def test_a_store_that_is_away_is_asked_by_those_under_way_and_by_no_other() -> None:
    asked, done = list[str](), list[Given]()

    def give(given: FeedEntry) -> Given:
        asked.append(given.envelope.deal_id)
        sleep(0.05)
        if len(asked) > 4:
            raise StoreUnreachable("the store is away")
        return giver.give(given)

    giver = Giver()
    lanes = Lanes(give, seen, none_moves, done.append, at_once=4)
    with pytest.raises(StoreUnreachable):
        lanes.run((entry(f"d{deal}", 0) for deal in range(500)), None, Event())
    assert len(asked) <= 12 and len(done) == len(giver.order), "what was given before is counted"


def test_a_stop_lets_what_is_under_way_end_and_counts_it() -> None:
    giver, done, stop = Giver(), list[Given](), Event()

    def count(given: Given) -> None:
        done.append(given)
        if len(done) == 10:
            stop.set()

    entries = [entry(f"d{deal}", number) for number in range(50) for deal in range(4)]
    Lanes(giver.give, seen, none_moves, count, at_once=4).run(entries, None, stop)
    assert 10 <= len(done) <= 10 + 4 and len(giver.order) == len(done)


def test_nothing_more_is_told_of_a_deal_that_could_not_be_opened() -> None:
    giver, done = Giver(), list[Given]()
    giver.refuse = {"d1-0", "d2-1"}
    entries = [entry(deal, n, None if n else OPENING) for n in range(3) for deal in ("d1", "d2")]
    Lanes(giver.give, seen, none_moves, done.append).run(entries, None, Event())
    assert of_each(giver, "d1") == ["d1-0"]
    assert of_each(giver, "d2") == ["d2-0", "d2-1", "d2-2"]  # a fact that is refused is no reason to stop


def test_a_deal_that_waits_holds_nobody_else_and_is_left_when_nobody_comes() -> None:
    giver, done = Giver(), list[Given]()
    giver.wait_after = {"d1-0"}
    entries = [entry(deal, number) for number in range(20) for deal in ("d1", "d2")]
    lanes = Lanes(giver.give, unseen, none_moves, done.append, patience_seconds=0.2)
    lanes.run(entries, None, Event())
    assert (of_each(giver, "d1"), len(of_each(giver, "d2"))) == (["d1-0"], 20)
    assert (lanes.left.deals, lanes.left.commands) == ({"d1"}, 19)


def test_a_deal_goes_on_when_its_workflow_has_seen_it() -> None:
    giver, asked = Giver(), list[tuple[str, int]]()
    giver.wait_after = {"d1-0"}

    def has_seen(deal_id: str, version: int) -> bool:
        asked.append((deal_id, version))
        return len(asked) > 2

    Lanes(giver.give, has_seen, none_moves, lambda _: None).run(
        [entry("d1", number) for number in range(3)], None, Event()
    )
    assert of_each(giver, "d1") == ["d1-0", "d1-1", "d1-2"] and asked == [("d1", 1)] * 3


def test_a_deal_is_not_left_while_workflows_move_others() -> None:
    giver, done, moves = Giver(), list[Given](), iter([True, True])
    giver.wait_after = {"d1-0"}
    lanes = Lanes(giver.give, unseen, lambda: next(moves, False), done.append, patience_seconds=0.1)
    begun = monotonic()
    lanes.run([entry("d1", 0), entry("d1", 1)], None, Event())
    assert lanes.left.commands == 1 and monotonic() - begun >= 0.3
