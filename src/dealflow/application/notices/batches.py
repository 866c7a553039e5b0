"""Which notices of a person go out together as one message, and when: no clock, no outbox, only the rule."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from dealflow.application.ports.outbox import Waiting
from dealflow.domain.escalation.notice import Notice, digest_key


@dataclass(frozen=True, slots=True)
class NoticeBatch:
    """What goes out as one message: a notice by itself, or those of a digest; `due_at` is when it may."""

    waiting: tuple[Waiting, ...]
    due_at: datetime
    digest: bool

    @property
    def notices(self) -> list[Notice]:
        return [each.notice for each in self.waiting]

    @property
    def keys(self) -> list[str]:
        return [each.notice.key for each in self.waiting]

    @property
    def key(self) -> str:
        """The identity of the message: the same notices always give the same."""
        return digest_key(self.waiting[0].notice.recipient, self.keys) if self.digest else self.keys[0]


def batches(waiting: Sequence[Waiting], gather: timedelta) -> list[NoticeBatch]:
    """What goes out together, and when, the earliest first; notices that wait longer after a failure hold no others."""
    alone = [NoticeBatch((each,), each.next_try_at, digest=False) for each in waiting if each.notice.mode == "now"]
    digests = [each for each in waiting if each.notice.mode == "digest"]
    batched = sorted((each for each in digests if each.notice.batch), key=lambda each: each.notice.batch or "")
    imported = [
        NoticeBatch(members, min(each.next_try_at for each in members), digest=True)
        for _, group in groupby(batched, key=lambda each: each.notice.batch)
        if (members := tuple(group))
    ]
    return sorted([*alone, *imported, *_gathered(digests, gather)], key=lambda batch: batch.due_at)


def _gathered(digests: Sequence[Waiting], gather: timedelta) -> Iterator[NoticeBatch]:
    """Those without a batch, each window from its oldest: so a digest that is sent again has exactly the same notices."""
    left = sorted((each for each in digests if not each.notice.batch), key=lambda each: each.notice.created_at)
    while left:
        until = left[0].notice.created_at + gather
        window = tuple(each for each in left if each.notice.created_at <= until)
        yield NoticeBatch(window, max(until, min(each.next_try_at for each in window)), digest=True)
        left = left[len(window) :]
