"""Who leads, who waits, and who does its part alone."""

import os
import signal
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from time import sleep

import pytest

from dealflow.application.commands.group_commit import GroupCommit, GroupMember
from tests.support.waiting import LONGEST_SECONDS, until


@dataclass
class Counter:
    """Doubles numbers, and says how: alone or with whom. What is asked negative is left to be done alone, 13 fails."""

    most: int = 50
    held: threading.Event = field(default_factory=threading.Event)
    groups: list[list[int]] = field(default_factory=list)
    alone: list[tuple[int, str]] = field(default_factory=list)
    interrupted: bool = False

    def __post_init__(self) -> None:
        self.grouping = GroupCommit(self._together, self._alone, most=self.most)

    def _together(self, turns: Sequence[GroupMember[int, int]]) -> None:
        self.groups.append([turn.asked for turn in turns])
        if self.interrupted:
            raise KeyboardInterrupt
        for turn in turns:
            if turn.asked == 13:
                turn.fail(LookupError("unlucky"))
            elif turn.asked >= 0:
                turn.settle(2 * turn.asked)

    def _alone(self, asked: int) -> int:
        self.alone.append((asked, threading.current_thread().name))
        if asked == 0:
            assert self.held.wait(LONGEST_SECONDS)
        return 2 * asked


def behind_a_leader(counter: Counter, *asked: int) -> list["Future[int]"]:
    """These come one after the other while somebody leads, who is then let go."""
    pool = ThreadPoolExecutor(len(asked) + 1, "caller")
    leader = pool.submit(counter.grouping.do, 0)
    assert until(lambda: bool(counter.alone))
    callers: list[Future[int]] = []
    for number in asked:
        callers.append(pool.submit(counter.grouping.do, number))
        assert until(lambda: len(counter.grouping._waiting) == len(callers))
    counter.held.set()
    pool.shutdown()
    assert leader.result(LONGEST_SECONDS) == 0
    return callers


def test_whoever_finds_nobody_leading_does_it_alone_at_once() -> None:
    counter = Counter()
    assert [counter.grouping.do(number) for number in (1, 2)] == [2, 4]
    assert (counter.groups, len(counter.alone)) == ([], 2)


def test_those_who_come_while_somebody_leads_form_the_next_group_in_their_order() -> None:
    counter = Counter()
    callers = behind_a_leader(counter, 3, 1, 2)
    assert [caller.result() for caller in callers] == [6, 2, 4]
    assert counter.groups == [[3, 1, 2]]


def test_a_group_has_a_greatest_size_and_the_rest_form_another() -> None:
    counter = Counter(most=3)
    callers = behind_a_leader(counter, *range(1, 8))
    assert [caller.result() for caller in callers] == [2, 4, 6, 8, 10, 12, 14]
    assert counter.groups == [[1, 2, 3], [4, 5, 6]] and counter.alone[1][0] == 7


def test_each_hears_its_own_result_and_its_own_failure() -> None:
    unlucky, lucky = behind_a_leader(Counter(), 13, 14)
    with pytest.raises(LookupError, match="unlucky"):
        unlucky.result()
    assert lucky.result() == 28


def test_what_a_group_does_not_settle_is_done_alone_by_its_own_caller() -> None:
    counter = Counter()
    callers = behind_a_leader(counter, -1, 2, -3)
    assert [caller.result() for caller in callers] == [-2, 4, -6]
    threads = dict(counter.alone)
    assert set(threads) == {0, -1, -3} and len(set(threads.values())) == 3


def test_a_leader_that_is_interrupted_leaves_nobody_waiting() -> None:
    counter = Counter(interrupted=True)
    first, *others = behind_a_leader(counter, 1, 2, 3)
    with pytest.raises(KeyboardInterrupt):
        first.result()
    assert [caller.result() for caller in others] == [4, 6]
    counter.interrupted = False
    assert counter.grouping.do(4) == 8


def test_whoever_is_interrupted_while_it_waits_is_out_of_the_queue() -> None:
    counter = Counter()
    with ThreadPoolExecutor(3) as pool:
        leader = pool.submit(counter.grouping.do, 0)
        assert until(lambda: bool(counter.alone))

        def interrupt() -> int:
            assert until(lambda: len(counter.grouping._waiting) == 1)
            # Another is in the queue behind it, and must not miss its turn.
            second = threading.Thread(target=lambda: others.append(counter.grouping.do(2)))
            second.start()
            assert until(lambda: len(counter.grouping._waiting) == 2)
            os.kill(os.getpid(), signal.SIGINT)
            assert until(lambda: len(counter.grouping._waiting) == 1)
            counter.held.set()
            second.join(LONGEST_SECONDS)
            return 0

        others: list[int] = []
        interrupting = pool.submit(interrupt)
        with pytest.raises(KeyboardInterrupt):
            counter.grouping.do(1)
        assert (interrupting.result(LONGEST_SECONDS), leader.result(LONGEST_SECONDS), others) == (0, 0, [4])
    assert 1 not in [asked for asked, _ in counter.alone] and counter.groups == []


def test_among_many_callers_everything_is_done_once_and_nobody_waits_for_ever() -> None:
    lock, done = threading.Lock(), list[int]()
    sizes: list[int] = []

    def together(turns: Sequence[GroupMember[int, int]]) -> None:
        sizes.append(len(turns))
        for turn in turns:
            if turn.asked % 7:
                done.append(turn.asked)
                turn.settle(turn.asked + 1)
        if sizes[-1] % 3 == 0:
            raise KeyboardInterrupt

    def alone(asked: int) -> int:
        sleep(0.0002)
        with lock:
            done.append(asked)
        return asked + 1

    grouping = GroupCommit(together, alone, most=5)

    def call(first: int) -> None:
        for number in range(first, first + 200):
            try:
                assert grouping.do(number) == number + 1
            except KeyboardInterrupt:
                if number not in done:
                    done.append(number)

    with ThreadPoolExecutor(16) as pool:
        for caller in [pool.submit(call, 1_000 * n) for n in range(16)]:
            caller.result(LONGEST_SECONDS)
    assert sorted(done) == sorted(1_000 * n + number for n in range(16) for number in range(200))
    assert max(sizes) == 5
