"""Emptying one person's outbox: at once or as one digest, by the person's channels in order, each failure for itself.

A notice may go out twice only where recording it failed for some while after sending; the receiver can tell by its key.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from dealflow.application.commands.causes import causes_of
from dealflow.application.notices.batches import NoticeBatch, batches
from dealflow.application.ports.outbox import Outbox, Waiting
from dealflow.application.ports.store import StoreUnreachable
from dealflow.domain.escalation.notice import Message, Notice, channel_key
from dealflow.domain.people.organisation import Channel, Organisation, Person
from dealflow.domain.values.frozen import Frozen
from dealflow.observability import happened as h
from dealflow.observability.happened import happened
from dealflow.observability.traces import is_on, span

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
# A delivery ends after so many messages and is asked for again at once: a dead channel must not hold its thread for ever.
MOST_MESSAGES = 20
# After so many temporary failures in a row a channel is left alone until the next delivery.
MOST_FAILURES = 3
# The digest of an import may tell of ten thousand deals; a span keeps about a hundred links.
MOST_LINKS = 100
# What went out has to be put on record: a store that is being restarted is waited for, so many times and seconds.
RECORD_AGAIN_SECONDS = (1.0, 2.0, 4.0, 8.0)


class Undelivered(Exception):
    """A message that was not delivered; `permanent`: trying the same channel again will not help."""

    def __init__(self, message: str, *, permanent: bool) -> None:
        self.permanent = permanent
        super().__init__(message)


class Deliverer(Protocol):
    """Sends messages to people."""

    def channels_of(self, person: Person) -> tuple[Channel, ...]:
        """The person's channels in order of preference."""
        ...

    def send(self, person: Person, channel: Channel, message: Message, key: str) -> None:
        """Deliver once more or for the first time under this key; raise Undelivered."""
        ...


class Texts(Protocol):
    """Renders notices."""

    def one(self, notice: Notice, *, language: str, zone: ZoneInfo, names: Mapping[str, str] | None = None) -> Message:
        """One notice as a message of its own."""
        ...

    def digest(
        self, notices: Sequence[Notice], *, language: str, zone: ZoneInfo, names: Mapping[str, str] | None = None
    ) -> Message:
        """Many notices as one message."""
        ...


class Delivered(Frozen):
    """What a delivery came to, in notices; `next_try_at` is when to come again, None when nothing waits any more."""

    delivered: int
    failed: int
    next_try_at: datetime | None = None


# Why a notice is not to be told any more, by the people of now; None while it is.
WhySuperseded = Callable[[Notice, Organisation], str | None]
# A notice as its recipient may read it, by the people of now.
AsSeen = Callable[[Notice, Organisation], Notice]


@dataclass(slots=True)
class _Round:
    """The state of one delivery: how its channels behave, and what came of it."""

    person: Person
    now: datetime
    names: Mapping[str, str]
    is_stopping: Callable[[], bool]
    in_a_row: dict[str, int] = field(default_factory=dict)
    delivered: int = 0
    failed: int = 0
    tries: int = 0


class DeliverNotices:
    """Delivers what waits for a person; safe to use from several threads, for one person from one at a time."""

    def __init__(
        self,
        outbox: Outbox,
        deliverer: Deliverer,
        texts: Texts,
        people: Callable[[], Organisation],
        *,
        zone: ZoneInfo,
        gather: timedelta,
        pause: Callable[[float], None] = time.sleep,
        superseded: WhySuperseded = lambda _notice, _people: None,
        as_seen: AsSeen = lambda notice, _people: notice,
    ) -> None:
        self._outbox, self._deliverer, self._texts, self._people = outbox, deliverer, texts, people
        self._zone, self._gather, self._pause = zone, gather, pause
        self._superseded, self._as_seen = superseded, as_seen

    def deliver(
        self,
        person_id: str,
        now: datetime,
        is_stopping: Callable[[], bool] = lambda: False,
        is_given_up: Callable[[], bool] = lambda: False,
    ) -> Delivered:
        """Send what is due at `now`; once `is_stopping` or `is_given_up` the message in hand is the last one.

        Whoever was given up, because no sign of life came through, has a successor at work: what that one has sent is not
        sent again.
        """
        waiting = self._outbox.waiting(person_id)
        organisation = self._people()
        person = organisation.people.get(person_id)
        if not organisation.declared:
            # A file that is missing is a mistake that somebody mends, not a word about everybody in it.
            return self._wait_for_people(person_id, waiting, now)
        if person is None:
            return self._abandon_all(person_id, waiting)
        turn = _Round(person, now, {p.id: p.name for p in organisation.people.values()}, is_stopping)
        for batch in batches(waiting, self._gather):
            if batch.due_at > now or turn.tries == MOST_MESSAGES or is_stopping() or is_given_up():
                continue
            if turn.tries and not self._outbox.all_wait(batch.keys):
                continue  # the list was read before the message before, which may have taken long
            current = self._without_superseded(batch, organisation)
            if current is not None:
                turn.tries += 1
                self._send_traced(self._seen(current, organisation), turn)
        left = batches(self._outbox.waiting(person_id), self._gather)
        next_try_at = min((batch.due_at for batch in left), default=None)
        return Delivered(delivered=turn.delivered, failed=turn.failed, next_try_at=next_try_at)

    def _wait_for_people(self, person_id: str, waiting: Sequence[Waiting], now: datetime) -> Delivered:
        due = [each for each in waiting if each.next_try_at <= now]
        if due:
            next_try_at = now + back_off(min(each.attempts for each in due))
            self._outbox.failed([each.notice.key for each in due], "there is no people.yaml", next_try_at)
            happened(
                h.NOTICE_FAILED,
                (_kind(None),),
                by=len(due),
                level="error",
                person=person_id,
                notices=len(due),
                error="there is no people.yaml",
            )
        left = [each.next_try_at for each in self._outbox.waiting(person_id)]
        return Delivered(delivered=0, failed=len(due), next_try_at=min(left, default=None))

    def _abandon_all(self, person_id: str, waiting: Sequence[Waiting]) -> Delivered:
        keys = [each.notice.key for each in waiting]
        if keys:
            self._outbox.failed(keys, f"{person_id} is no longer in people.yaml", None)
            happened(
                h.NOTICE_ABANDONED,
                by=len(keys),
                level="warning",
                person=person_id,
                notices=len(keys),
                error="no longer in people.yaml",
            )
        return Delivered(delivered=0, failed=len(keys))

    def _without_superseded(self, batch: NoticeBatch, organisation: Organisation) -> NoticeBatch | None:
        """What of the batch is still to be told; what is not is put aside with its reason. None where nothing is left."""
        over: dict[str, list[str]] = {}
        for notice in batch.notices:
            if why := self._superseded(notice, organisation):
                over.setdefault(why, []).append(notice.key)
        for why, keys in over.items():
            self._outbox.superseded(keys, why)
            happened(h.NOTICE_SUPERSEDED, person=batch.notices[0].recipient, notices=len(keys), reason=why)
        gone = {key for keys in over.values() for key in keys}
        left = tuple(each for each in batch.waiting if each.notice.key not in gone)
        return NoticeBatch(left, batch.due_at, batch.digest) if left else None

    def _seen(self, batch: NoticeBatch, organisation: Organisation) -> NoticeBatch:
        waiting = tuple(replace(each, notice=self._as_seen(each.notice, organisation)) for each in batch.waiting)
        return NoticeBatch(waiting, batch.due_at, batch.digest)

    def _send_traced(self, batch: NoticeBatch, turn: _Round) -> None:
        causes = causes_of(batch.notices)[:MOST_LINKS] if is_on() else []
        alone = causes[0] if len(causes) == 1 else None
        with span("deliver", after=alone, links=() if alone else causes) as step:
            step.note(notices=len(batch.keys), digest=batch.digest)
            step.note(correlation_id=alone.correlation_id if alone else None)
            self._send(batch, turn)

    def _send(self, batch: NoticeBatch, turn: _Round) -> None:
        try:
            message = self._message(batch, turn)
        except Exception as error:  # noqa: BLE001  one that cannot be put into words must not hold the others
            self._send_without_the_poisonous(batch, turn, f"cannot be put into words: {error}")
            return
        refused: list[str] = []
        for channel in self._deliverer.channels_of(turn.person):
            if turn.in_a_row.get(channel.id, 0) >= MOST_FAILURES:
                self._postpone(batch, turn, f"channel '{channel.id}' does not answer", channel)
                return
            try:
                self._deliverer.send(turn.person, channel, message, channel_key(batch.key, channel.id))
            except Undelivered as error:
                if error.permanent:
                    refused.append(str(error))
                    continue
                turn.in_a_row[channel.id] = turn.in_a_row.get(channel.id, 0) + 1
                self._postpone(batch, turn, str(error), channel)
                return
            except Exception as error:  # noqa: BLE001  a channel's fault is that channel's, and may pass
                self._postpone(batch, turn, f"channel '{channel.id}': {type(error).__name__}: {error}", channel)
                return
            turn.in_a_row.pop(channel.id, None)
            self._record(batch, channel, turn)
            turn.delivered += len(batch.keys)
            happened(
                h.NOTICE_DELIVERED,
                (_kind(channel),),
                by=len(batch.keys),
                traced={"channel": _kind(channel)},
                person=turn.person.id,
                channel=channel.id,
                notices=len(batch.keys),
            )
            return
        self._abandon(batch, turn, "; ".join(refused) or "the person has no channel")

    def _record(self, batch: NoticeBatch, channel: Channel, turn: _Round) -> None:
        for seconds in RECORD_AGAIN_SECONDS:
            try:
                self._outbox.delivered(batch.keys, channel.id, turn.now)
                return
            except StoreUnreachable:
                if turn.is_stopping():
                    raise
                self._pause(seconds)
        self._outbox.delivered(batch.keys, channel.id, turn.now)

    def _message(self, batch: NoticeBatch, turn: _Round) -> Message:
        language = turn.person.language
        if batch.digest:
            return self._texts.digest(batch.notices, language=language, zone=self._zone, names=turn.names)
        return self._texts.one(batch.notices[0], language=language, zone=self._zone, names=turn.names)

    def _send_without_the_poisonous(self, batch: NoticeBatch, turn: _Round, error: str) -> None:
        poisonous: list[Waiting] = []
        for each in batch.waiting if batch.digest and len(batch.waiting) > 1 else ():
            try:
                self._message(NoticeBatch((each,), batch.due_at, digest=True), turn)
            except Exception:  # noqa: BLE001  this is the one
                poisonous.append(each)
        sound = tuple(each for each in batch.waiting if each not in poisonous)
        if poisonous and sound:
            self._postpone(NoticeBatch(tuple(poisonous), batch.due_at, digest=True), turn, error)
            self._send(NoticeBatch(sound, batch.due_at, digest=True), turn)
        else:
            self._postpone(batch, turn, error)

    def _postpone(self, batch: NoticeBatch, turn: _Round, error: str, channel: Channel | None = None) -> None:
        # By the one tried least, so that what joined a digest later does not wait for the others' long back-off.
        attempts = min(each.attempts for each in batch.waiting)
        next_try_at = turn.now + back_off(attempts)
        self._outbox.failed(batch.keys, error, next_try_at)
        turn.failed += len(batch.keys)
        happened(
            h.NOTICE_FAILED,
            (_kind(channel),),
            by=len(batch.keys),
            traced={"channel": _kind(channel)},
            person=turn.person.id,
            notices=len(batch.keys),
            error=error,
            next_try_at=next_try_at.isoformat(),
        )

    def _abandon(self, batch: NoticeBatch, turn: _Round, error: str) -> None:
        self._outbox.failed(batch.keys, error, None)
        turn.failed += len(batch.keys)
        happened(h.NOTICE_ABANDONED, by=len(batch.keys), person=turn.person.id, notices=len(batch.keys), error=error)


def _kind(channel: Channel | None) -> str:
    """The scheme of its address, since the rest may be a token or a person's."""
    return channel.url.partition(":")[0] if channel else "none"


def back_off(attempts: int) -> timedelta:
    """How long to wait after the next failure when there were so many before: 30 s, doubling, an hour at most."""
    return min(FIRST_WAIT * (1 << min(attempts, 10)), LONGEST_WAIT)
