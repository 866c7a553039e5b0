"""Which caller leads, which wait, and which does its act alone."""

import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

import pytest

from dealflow.application.commands.answers import Progressed
from dealflow.application.commands.decide import DecidedAct, UndecidedAct
from dealflow.application.commands.group_commit import GroupCommit
from dealflow.application.ports.store import Append, StoreReader
from tests.support.stores.appends import append
from tests.support.stores.memory_store import MemoryStore
from tests.support.waiting import LONGEST_SECONDS, until


class Numbers(MemoryStore):
    """A store of numbers, each a deal of its own, in which act 0 waits until it is let go, and 13 always fails.

    What is negative fails in a group and succeeds alone. `interrupts` says of the size of a group whether it is
    interrupted before it is written.
    """

    def __init__(self, most: int = 50, interrupts: Callable[[int], bool] = lambda size: False) -> None:
        super().__init__()
        self.let_go = threading.Event()
        self.groups: list[list[int]] = []
        self.alone: list[tuple[int, str]] = []
        self.interrupts = interrupts
        self.group_commit = GroupCommit(self, most=most)

    def double(self, number: int) -> int:
        """Have one number written, and its double back."""
        return self.group_commit.commit(UndecidedAct(str(number), None, partial(self._decide, number))).answer.version

    def append(self, appends: Sequence[Append]) -> None:
        if len(appends) > 1:
            self.groups.append([int(each.stream.removeprefix("deal/")) for each in appends])
            if self.interrupts(len(appends)):
                raise KeyboardInterrupt
        super().append(appends)

    def written(self) -> list[int]:
        """All numbers, sorted."""
        return sorted(int(stream.removeprefix("deal/")) for stream in self.streams("deal/"))

    def _decide(self, number: int, reader: StoreReader) -> DecidedAct[Progressed]:
        if reader is self:
            self.alone.append((number, threading.current_thread().name))
            if number == 0:
                assert self.let_go.wait(LONGEST_SECONDS)
        elif number < 0:
            raise LookupError("not in company")
        if number == 13:
            raise LookupError("unlucky")
        return DecidedAct(Progressed(deal_id=str(number), version=2 * number, closed=False), (append(str(number)),))


def waiting(numbers: Numbers, count: int) -> Callable[[], bool]:
    return lambda: len(numbers.group_commit._waiting) == count  # noqa: SLF001  who waits is seen nowhere else


def behind_a_leader(numbers: Numbers, *asked: int) -> list["Future[int]"]:
    """These come one after the other while another leads, which is then let go."""
    pool = ThreadPoolExecutor(len(asked) + 1, "caller")
    leader = pool.submit(numbers.double, 0)
    assert until(lambda: bool(numbers.alone))
    callers: list[Future[int]] = []
    for number in asked:
        callers.append(pool.submit(numbers.double, number))
        assert until(waiting(numbers, len(callers)))
    numbers.let_go.set()
    pool.shutdown()
    assert leader.result(LONGEST_SECONDS) == 0
    return callers


def test_a_caller_that_finds_no_leader_does_its_act_alone_at_once() -> None:
    numbers = Numbers()
    assert [numbers.double(number) for number in (1, 2)] == [2, 4]
    assert (numbers.groups, len(numbers.alone)) == ([], 2)


def test_callers_that_come_while_another_leads_form_the_next_group_in_their_order() -> None:
    numbers = Numbers()
    callers = behind_a_leader(numbers, 3, 1, 2)
    assert [caller.result() for caller in callers] == [6, 2, 4]
    assert numbers.groups == [[3, 1, 2]]


def test_a_group_has_a_greatest_size_and_the_rest_form_another() -> None:
    numbers = Numbers(most=3)
    callers = behind_a_leader(numbers, *range(1, 8))
    assert [caller.result() for caller in callers] == [2, 4, 6, 8, 10, 12, 14]
    assert numbers.groups == [[1, 2, 3], [4, 5, 6]] and numbers.alone[1][0] == 7


def test_each_hears_its_own_result_and_its_own_failure() -> None:
    unlucky, lucky, other = behind_a_leader(numbers := Numbers(), 13, 14, 15)
    with pytest.raises(LookupError, match="unlucky"):
        unlucky.result()
    assert (lucky.result(), other.result(), numbers.groups) == (28, 30, [[14, 15]])


def test_what_fails_in_a_group_is_done_alone_by_its_own_caller() -> None:
    numbers = Numbers()
    callers = behind_a_leader(numbers, -1, 2, -3, 4)
    assert [caller.result() for caller in callers] == [-2, 4, -6, 8]
    threads = dict(numbers.alone)
    assert set(threads) == {0, -1, -3} and len(set(threads.values())) == 3


def test_a_leader_that_is_interrupted_leaves_nobody_waiting() -> None:
    numbers = Numbers(interrupts=lambda size: True)
    first, *others = behind_a_leader(numbers, 1, 2, 3)
    with pytest.raises(KeyboardInterrupt):
        first.result()
    assert [caller.result() for caller in others] == [4, 6]
    assert numbers.double(4) == 8


def test_a_caller_that_is_interrupted_while_it_waits_is_out_of_the_queue() -> None:
    numbers = Numbers()
    with ThreadPoolExecutor(3) as pool:
        leader = pool.submit(numbers.double, 0)
        assert until(lambda: bool(numbers.alone))

        def interrupt() -> int:
            assert until(waiting(numbers, 1))
            # Another is in the queue behind it, and must not miss its turn.
            second = threading.Thread(target=lambda: others.append(numbers.double(2)))
            second.start()
            assert until(waiting(numbers, 2))
            os.kill(os.getpid(), signal.SIGINT)
            assert until(waiting(numbers, 1))
            numbers.let_go.set()
            second.join(LONGEST_SECONDS)
            return 0

        others: list[int] = []
        interrupting = pool.submit(interrupt)
        with pytest.raises(KeyboardInterrupt):
            numbers.double(1)
        assert (interrupting.result(LONGEST_SECONDS), leader.result(LONGEST_SECONDS), others) == (0, 0, [4])
    assert numbers.written() == [0, 2] and numbers.groups == []


def test_among_many_callers_everything_is_done_once_and_nobody_waits_for_ever() -> None:
    numbers = Numbers(most=5, interrupts=lambda size: size % 3 == 0)
    interrupted: list[int] = []

    def call(first: int) -> None:
        for number in range(first, first + 200):
            # In a group every seventh is left to be done alone.
            asked = number if number % 7 else -number
            try:
                assert numbers.double(asked) == 2 * asked
            except KeyboardInterrupt:
                interrupted.append(asked)

    with ThreadPoolExecutor(16) as pool:
        for caller in [pool.submit(call, 1_000 * n) for n in range(1, 17)]:
            caller.result(LONGEST_SECONDS)
    asked = [number if number % 7 else -number for n in range(1, 17) for number in range(1_000 * n, 1_000 * n + 200)]
    # A group that was interrupted had written nothing: its leader heard so, and the others did their acts alone.
    assert sorted([*numbers.written(), *interrupted]) == sorted(asked)
    # How full a group gets is chance; a test above fills one to the most.
    assert all(len(group) <= 5 for group in numbers.groups)
