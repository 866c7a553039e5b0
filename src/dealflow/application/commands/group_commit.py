"""Group commit: acts of several threads are decided one after the other and written in one transaction."""

from collections import deque
from collections.abc import Sequence
from itertools import islice
from threading import Lock
from typing import Generic, TypeVar

from dealflow.application.commands.answers import Answer, Progressed
from dealflow.application.commands.decide import DecidedAct, UndecidedAct
from dealflow.application.commands.group_view import GroupView
from dealflow.application.ports.store import CommandRepeated, Conflict, EventStore, OutcomeUnknown
from dealflow.domain.deal.stream import stream_of
from dealflow.domain.values.phrase import phrase, phrase_of
from dealflow.observability import happened as h
from dealflow.observability import metrics as m
from dealflow.observability.happened import happened

R = TypeVar("R", Answer, Progressed)
# So many share a transaction at most: more gains little, and the first of them would wait for the last.
MOST = 50
# Many writers on one deal: each loses at most one race per append of another.
_TRIES = 100
# Another process is faster on one of the group's deals: the group tries again as such, since its members, were they all
# alone, would be in one another's way on a deal that they share.
_TRIES_TOGETHER = 3


class _Turn(Generic[R]):
    """One caller's place in a group: its act, and what came of it once that is certain."""

    __slots__ = ("_decided", "_error", "_gate", "_in_group", "act")

    def __init__(self, act: UndecidedAct[R]) -> None:
        self.act: UndecidedAct[R] = act
        # A bare lock, shut from the start: an Event takes three times as long, and every command has a turn.
        self._gate = Lock()
        self._gate.acquire()
        self._in_group: DecidedAct[R] | None = None
        self._decided: DecidedAct[R] | None = None
        self._error: Exception | None = None

    def wait(self) -> None:
        """Until it is called."""
        self._gate.acquire()

    def call(self) -> None:
        """It may go on; again: no change. Not from two threads at once."""
        if self._gate.locked():
            self._gate.release()

    def decide_in(self, view: GroupView) -> bool:
        """Decide in a group, on the result of those before; False where it fails, and then its caller decides alone."""
        self._in_group = None
        try:
            self._in_group = self.act.decide(view)
        except Exception:  # noqa: BLE001  alone it says so to its own caller, and the others go on
            return False
        view.add(self._in_group.appends)
        return True

    def stands(self) -> None:
        """What the group has decided is written."""
        self._decided = self._in_group

    def fail(self, error: Exception) -> None:
        """Nothing is known of it, and trying again now is of no use."""
        self._error = error

    def decided(self) -> DecidedAct[R] | None:
        """What came of it in its group, None where its caller is left to do it alone; raise what it failed with."""
        if self._error:
            raise self._error
        return self._decided


_AnyTurn = _Turn[Answer] | _Turn[Progressed]


class GroupCommit:
    """Lets the threads that act at the same time share one transaction.

    - A caller that finds no leader leads at once: nobody waits for company.
    - A caller that comes while a leader works waits. When the leader has left, the first who waits leads the next group:
      itself and those behind it, `most` in all.
    - A leader without followers does its act alone, as if there were no groups.
    - A leader of several decides them one after the other on a view in which each sees the appends of those before, and
      writes all at once. Each turn of which it is certain what came of it is told so.
    - A turn that was told nothing when its leader leaves is done alone, by its own caller in its own thread. So nobody
      hears of a failure of another's, and nobody waits for a leader that failed or was interrupted.
    """

    def __init__(self, store: EventStore, *, most: int = MOST) -> None:
        self._store, self._most = store, most
        self._lock = Lock()
        self._leader: _AnyTurn | None = None
        self._group: Sequence[_AnyTurn] = ()
        self._waiting: deque[_AnyTurn] = deque()

    def commit(self, act: UndecidedAct[R]) -> DecidedAct[R]:
        """What the act came to, once it is written; decided again as often as another is faster. Not from within an act."""
        for _ in range(_TRIES):
            turn = _Turn(act)
            try:
                self._take_part(turn)
                if decided := turn.decided():
                    return decided
                decided = act.decide(self._store)
                if decided.appends:
                    self._store.append(decided.appends)
                    m.observe(m.GROUP_SIZE, 1)
                return decided
            except (Conflict, CommandRepeated):
                happened(h.STORE_CONFLICT, deal=act.deal_id, command=act.command_id)
            finally:
                # An interrupt may strike in here as well, once; leaving twice is leaving.
                try:
                    self._leave(turn)
                except BaseException:
                    self._leave(turn)
                    raise
        raise Conflict(phrase("{deal} changed {times} times meanwhile", deal=act.deal_id, times=_TRIES))

    def _take_part(self, turn: _AnyTurn) -> None:
        """Lead, or wait for a leader; return when the caller is to look what came of its turn."""
        if not self._leads(turn):
            turn.wait()
        group = self._gathered(turn)
        if len(group) > 1:
            self._together(group)
            # Its followers do not wait for what the leader has left to do alone.
            self._leave(turn)

    def _leads(self, turn: _AnyTurn) -> bool:
        with self._lock:
            if self._leader is None:
                self._leader = turn
                return True
            self._waiting.append(turn)
            return False

    def _gathered(self, turn: _AnyTurn) -> Sequence[_AnyTurn]:
        """The group of a leader; empty for a caller that was called because its group is through."""
        with self._lock:
            if self._leader is not turn:
                return ()
            self._group = (turn, *islice(self._waiting, self._most - 1))
            # They are of the group before they wait no more: an interrupt in between loses nobody.
            for _ in self._group[1:]:
                self._waiting.popleft()
            return self._group

    def _leave(self, turn: _AnyTurn) -> None:
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

    def _together(self, turns: Sequence[_AnyTurn]) -> None:
        """One reading and one transaction for all; a turn that is refused or fails in it is left to its caller."""
        for tries_left in reversed(range(_TRIES_TOGETHER)):
            try:
                decided = self._written(turns)
            except OutcomeUnknown as away:
                for turn in turns:
                    turn.fail(OutcomeUnknown(phrase_of(away)))
                return
            except Exception as error:  # noqa: BLE001  one of them is at fault, and alone it will say so to its own caller
                happened(h.STORE_GROUP_SPLIT, size=len(turns), error=type(error).__name__)
                if tries_left and isinstance(error, (Conflict, CommandRepeated)):
                    continue
                return
            for turn in decided:
                turn.stands()
            return

    def _written(self, turns: Sequence[_AnyTurn]) -> list[_AnyTurn]:
        """Those that were decided and stand in the store."""
        acts = [turn.act for turn in turns]
        view = GroupView(
            self._store, (stream_of(act.deal_id) for act in acts), (key for act in acts for key in act.command_keys)
        )
        decided = [turn for turn in turns if turn.decide_in(view)]
        if view.appends:
            self._store.append(view.appends)
            m.observe(m.GROUP_SIZE, len(decided))
        return decided
