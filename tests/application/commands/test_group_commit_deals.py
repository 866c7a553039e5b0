"""Commands and looks that share a transaction: decided on one another's result, and none answers for another."""

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

import pytest

from dealflow.application.commands.answers import Answer
from dealflow.application.ports.store import OutcomeUnknown, StoreUnreachable
from dealflow.application.repeated import row_of
from dealflow.domain.deal import commands as c
from dealflow.domain.values.phrase import phrase, phrase_of
from dealflow.domain.values.refusal import Code, CommandRefused
from dealflow.observability.logs import Log
from tests.support.deals.house import House, proof
from tests.support.deals.stories import day
from tests.support.observed.captured_logs import captured_logs
from tests.support.stores.contested_store import LosingStore, OvertakenStore
from tests.support.stores.held_store import HeldStore, in_one_group

TALK = proof("t1", "talk", whom="decider")


class Together:
    """A house with three deals and a store whose writers can be held; `through` stands before the store itself."""

    def __init__(self, seen: Callable[[Any], Any] = lambda store: store) -> None:
        self.house = House(seen=lambda store: HeldStore(seen(store)))
        assert isinstance(self.house.through, HeldStore)
        self.held, self.through = self.house.through, self.house.through.behind
        for deal in ("d1", "d2", "d3", "first"):
            self.house.opened(deal)
        self.house.waker.woken.clear()

    def run(self, *acts: Callable[[], Any]) -> list["Future[Any]"]:
        def first() -> Answer:
            return self.house.do(proof("r0", "reply"), deal="first")

        self.held.sizes.clear()
        return in_one_group(self.house.deals, self.held, first, acts)

    def talk(self, deal: str, command_id: str | None = None, evidence: str = "t1") -> Callable[[], Answer]:
        command = proof(evidence, "talk", whom="decider")
        return lambda: self.house.do(command, deal=deal, command_id=command_id or f"talk-{deal}")


def test_commands_that_come_together_share_one_transaction_and_each_has_its_own_answer() -> None:
    together = Together()
    answers = [future.result() for future in together.run(*(together.talk(f"d{n}") for n in (1, 2, 3)))]
    assert [(answer.deal_id, answer.version, answer.repeated) for answer in answers] == [
        ("d1", 5, False), ("d2", 5, False), ("d3", 5, False),
    ]  # fmt: skip
    assert together.held.sizes == [1, 3]
    assert sorted(wake[0] for wake in together.house.waker.woken) == ["d1", "d2", "d3"]


def test_commands_of_one_deal_are_decided_on_one_anothers_result_in_their_order() -> None:
    together = Together()
    house = together.house
    plan = c.PlanStep(step_id="s1", what="Call the decider", by=day(3))
    answers = together.run(
        lambda: house.do(plan, deal="d1"),
        together.talk("d2"),
        lambda: house.do(c.CompleteStep(step_id="s1"), deal="d1"),
        together.talk("d1"),
    )
    assert [answer.result().version for answer in answers] == [3, 5, 4, 7]
    assert together.held.sizes == [1, 4]
    assert house.topics("d1")[2:4] == ["step_planned", "step_done"]


def test_one_of_a_group_may_open_the_deal_that_the_next_one_acts_on() -> None:
    together = Together()
    house = together.house
    opened, talked = together.run(lambda: house.do(house.opening(), deal="new"), together.talk("new"))
    assert (opened.result().version, talked.result().version, together.held.sizes) == (2, 5, [1, 2])


def test_whoever_is_refused_is_refused_alone() -> None:
    together = Together()
    house = together.house
    first, refused, last = together.run(
        together.talk("d1"),
        lambda: house.do(c.RecordMilestone(milestone="nothing"), deal="d2", command_id="c-bad"),
        together.talk("d3"),
    )
    with pytest.raises(CommandRefused):
        refused.result()
    assert (first.result().version, last.result().version, together.held.sizes) == (5, 5, [1, 2])
    assert (row_of(house.store, "anna", "c-bad"), len(house.store.load("deal/d2"))) == (None, 2)


def test_a_group_of_nothing_but_refusals_writes_nothing() -> None:
    together = Together()
    wrong = c.RecordMilestone(milestone="nothing")
    futures = together.run(*(partial(together.house.do, wrong, deal=deal) for deal in ("d1", "d2")))
    assert [type(future.exception()) for future in futures] == [CommandRefused, CommandRefused]
    assert together.held.sizes == [1]


def test_the_same_command_twice_in_a_group_has_one_effect_and_one_answer() -> None:
    together = Together()
    first, other, second = together.run(together.talk("d1"), together.talk("d2"), together.talk("d1"))
    assert second.result() == first.result().model_copy(update={"repeated": True})
    assert not other.result().repeated and together.held.sizes == [1, 2]
    assert len(together.house.store.load("deal/d1")) == 5


def test_an_id_used_twice_in_a_group_for_different_things_is_refused_the_second_time() -> None:
    together = Together()
    first, second = together.run(together.talk("d1", "c-1"), together.talk("d1", "c-1", evidence="t2"))
    assert not first.result().repeated
    with pytest.raises(CommandRefused) as refused:
        second.result()
    assert refused.value.reasons[0].code is Code.COMMAND_ID_REUSED


def test_a_command_that_was_carried_out_before_is_answered_in_the_group() -> None:
    together = Together()
    before = together.talk("d1")()
    again, new = together.run(together.talk("d1"), together.talk("d2"))
    assert again.result() == before.model_copy(update={"repeated": True})
    assert not new.result().repeated and together.held.sizes == [1, 1]


def test_looks_of_workflows_share_the_transaction_too() -> None:
    together = Together()
    house = together.house
    stalled, talked, gone = together.run(
        lambda: house.deals.progress("d1", 1, day(10)),
        together.talk("d2"),
        lambda: house.deals.progress("gone", 1, day(10)),
    )
    assert "deal.stall_recorded.v1" in stalled.result().facts
    assert (talked.result().version, gone.result().closed, together.held.sizes) == (5, True, [1, 2])
    assert house.waker.told == [["anna", "dora"]]


def overtaken(together: Together, times: int) -> None:
    """Somebody else acts on the second deal before each of the group's first appends."""
    house = together.house
    # The first append is that of the leader before the group.
    together.through.at, left = 2, list(range(times))

    def elsewhere() -> None:
        house.do(proof(f"r{left.pop()}", "reply"), deal="d2", deals=house.elsewhere)
        if left:
            together.through.at, together.through.act = 1, elsewhere

    together.through.act = elsewhere


def test_when_somebody_else_was_faster_on_one_deal_the_group_is_decided_again() -> None:
    together = Together(OvertakenStore)
    overtaken(together, 2)
    with captured_logs() as logs:
        futures = together.run(*(together.talk(f"d{n}") for n in (1, 2, 3)))
    assert [future.result().version for future in futures] == [5, 7, 5]
    assert together.held.sizes == [1, 3, 3, 3]
    split = [(log["size"], log["error"]) for log in logs if log["event"] == Log.STORE_GROUP_SPLIT.value]
    assert split == [(3, "Conflict")] * 2


def test_when_somebody_else_is_faster_again_and_again_each_is_decided_alone() -> None:
    together = Together(OvertakenStore)
    overtaken(together, 3)
    futures = together.run(*(together.talk(f"d{n}") for n in (1, 2, 3)))
    assert [future.result().version for future in futures] == [5, 8, 5]
    assert together.held.sizes == [1, 3, 3, 3, 1, 1, 1]


@pytest.mark.parametrize("is_written", [True, False])
def test_when_nobody_knows_what_came_of_a_group_each_hears_so_and_has_one_effect_when_sent_again(
    is_written: bool,
) -> None:
    together = Together(LosingStore)
    together.through.at, together.through.is_written = 2, is_written
    for future in together.run(together.talk("d1"), together.talk("d2")):
        assert isinstance(future.exception(), OutcomeUnknown)
    assert together.held.sizes == [1, 2]
    assert [together.talk(deal)().repeated for deal in ("d1", "d2")] == [is_written] * 2


def test_what_a_group_hears_can_still_be_said_in_every_language() -> None:
    together = Together(LosingStore)
    together.through.at, together.through.error = 2, OutcomeUnknown(phrase("the store ({place})", place="here"))
    for future in together.run(together.talk("d1"), together.talk("d2")):
        failure = future.exception()
        assert failure is not None and phrase_of(failure).message == "the store ({place})"


def test_when_a_group_could_not_be_written_each_tries_alone() -> None:
    together = Together(LosingStore)
    together.through.at, together.through.error = 2, StoreUnreachable("the connection was lost")
    futures = together.run(together.talk("d1"), together.talk("d2"))
    assert [(future.result().version, future.result().repeated) for future in futures] == [(5, False)] * 2
    assert together.held.sizes == [1, 2, 1, 1]
