"""Callers that come together are served together: who leads, who waits, and who does its part alone."""

from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice
from threading import Lock
from typing import Generic, TypeVar

A = TypeVar("A")
R = TypeVar("R")
# So many share a transaction at most: more gains little, and the first of them would wait for the last.
MOST = 50


class GroupMember(Generic[A, R]):
    """One caller's place in a group: what it asks, and what it is told once that is certain."""

    __slots__ = ("_error", "_gate", "_result", "_settled", "asked")

    def __init__(self, asked: A) -> None:
        self.asked = asked
        # A bare lock, shut from the start: an Event takes three times as long, and every command has a turn.
        self._gate = Lock()
        self._gate.acquire()
        self._settled = False
        self._result: R
        self._error: Exception | None = None

    @property
    def settled(self) -> bool:
        """Whether it has been told."""
        return self._settled

    def wait(self) -> None:
        """Until it is called."""
        self._gate.acquire()

    def call(self) -> None:
        """It may go on; again: no change. Not from two threads at once."""
        if self._gate.locked():
            self._gate.release()

    def settle(self, result: R) -> None:
        """This is what came of it."""
        self._result, self._settled = result, True

    def fail(self, error: Exception) -> None:
        """Nothing came of it, and trying again now is of no use."""
        self._error, self._settled = error, True

    def told(self) -> R:
        """What it was told; raises what it failed with."""
        if self._error:
            raise self._error
        return self._result


class GroupCommit(Generic[A, R]):
    """Lets the threads that ask at the same time share one act.

    - Whoever finds nobody leading leads at once: nobody waits for company.
    - Whoever comes while a leader works waits. When the leader has left, the first who waits leads the next group: itself
      and those behind it, `most` in all.
    - A leader without followers does its part `alone`, as if there were no groups.
    - A leader of several does them `together`, which settles every turn of which it is certain what came of it.
    - A turn that is not settled when its leader leaves is done alone, by its own caller in its own thread. So nobody hears
      of a failure of another's, and nobody waits for a leader that failed or was interrupted.
    """

    def __init__(
        self, together: Callable[[Sequence[GroupMember[A, R]]], None], alone: Callable[[A], R], *, most: int = MOST
    ) -> None:
        self._together, self._alone, self._most = together, alone, most
        self._lock = Lock()
        self._leader: GroupMember[A, R] | None = None
        self._group: Sequence[GroupMember[A, R]] = ()
        self._waiting: deque[GroupMember[A, R]] = deque()

    def do(self, asked: A) -> R:
        """Have it done in a group or alone; raise what it alone would raise. Not to be called from within an act."""
        turn: GroupMember[A, R] = GroupMember(asked)
        try:
            if not self._leads(turn):
                turn.wait()
            group = self._gathered(turn)
            if len(group) == 1:
                return self._alone(asked)
            if group:
                self._together(group)
        finally:
            # An interrupt may strike in here as well, once; leaving twice is leaving.
            try:
                self._leave(turn)
            except BaseException:
                self._leave(turn)
                raise
        return turn.told() if turn.settled else self._alone(asked)

    def _leads(self, turn: GroupMember[A, R]) -> bool:
        with self._lock:
            if self._leader is None:
                self._leader = turn
                return True
            self._waiting.append(turn)
            return False

    def _gathered(self, turn: GroupMember[A, R]) -> Sequence[GroupMember[A, R]]:
        """The group of a leader; empty for whoever was called because its group is through."""
        with self._lock:
            if self._leader is not turn:
                return ()
            self._group = (turn, *islice(self._waiting, self._most - 1))
            # They are of the group before they wait no more: an interrupt in between loses nobody.
            for _ in self._group[1:]:
                self._waiting.popleft()
            return self._group

    def _leave(self, turn: GroupMember[A, R]) -> None:
        with self._lock:
            if self._leader is turn:
                for member in self._group:
                    member.call()
                self._group = ()
                if self._waiting:
                    self._waiting[0].call()
                    self._leader = self._waiting.popleft()
                else:
                    self._leader = None
            elif turn in self._waiting:
                self._waiting.remove(turn)
