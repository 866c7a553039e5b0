"""A notice to a person about a stall: a data format, stored in the outbox until delivery."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Literal
from urllib.parse import quote

from pydantic import AwareDatetime, Field

from dealflow.domain.process.definition import Text
from dealflow.domain.values.frozen import Frozen

NoticeKind = Literal["warning", "escalation", "decided", "proof_lost", "reassigned", "published"]
Mode = Literal["now", "digest"]


class MissingNode(Frozen):
    """A node that is still to be passed, with the wording of the version the deal was pinned to."""

    id: str
    title: Text = {}


class OpenPoint(Frozen):
    """What a new owner finds: a clock, step, stall or lost proof with its instant, or what waits for somebody above.

    `name` is the clock, the step or the id of the stall or the piece of evidence; empty for an amount.
    """

    what: Literal["clock", "step", "stall", "lost", "evidence", "amount"]
    name: str = ""
    clock: str = ""
    node: MissingNode | None = None
    at: AwareDatetime | None = None


class HandedOver(Frozen):
    """From whom a deal came and who gave it; what is due next, the earliest first, and what is open."""

    previous: str | None = None
    by: str | None = None
    reason: str = ""
    points: tuple[OpenPoint, ...] = ()


class CountedWith(Frozen):
    """A piece of evidence that counts for nothing, because another deal's was on record before it.

    That one is not named to who does not see its deal.
    """

    evidence: str
    first: str = ""
    deal: str = ""


class PublishedProcess(Frozen):
    """A version that was published, by whom, and who had proposed it where that was somebody else."""

    process: str
    title: Text = {}
    by: str
    proposed_by: str | None = None


class NoticeSubject(Frozen):
    """The stall a notice is about; the customer's name is personal and never part of it.

    Of a process (`published`) it has no deal and no stage, and `due_at` is when it was published.

    Of a deal that has a new owner it is what they find (`handed_over`), and `due_at` when it was given.

    Of a lost proof it is the stall that will come of it: `due_at` is its deadline, and `limit` is empty where no clock
    runs because the deal is closed; then `due_at` is the instant of the loss. `counted_with`: the evidence for which it
    is lost, where this is on record twice.
    """

    owner: str | None = None
    stage: str
    stage_title: Text = {}
    clock: str
    limit: str
    since: AwareDatetime | None = None
    due_at: AwareDatetime
    provisional: bool = False
    missing: tuple[MissingNode, ...] = ()
    asked: tuple[str, ...] = ()  # the recipients above the owner: they may decide
    escalation_id: str | None = None
    high_risk: bool = False
    backlog: bool = False
    decision: str | None = None
    decided_by: str | None = None
    decision_reason: str | None = None
    next_due_at: AwareDatetime | None = None
    lost_why: str | None = None
    after_win: bool = False
    handed_over: HandedOver | None = None
    counted_with: tuple[CountedWith, ...] = ()
    published: PublishedProcess | None = None


class Notice(Frozen):
    """A notice to one person. `key` is `notice_key(...)`, `batch` groups an import's backlog into one digest.

    `run` is the deal's, written only where an earlier one was taken back. `command_id` and `correlation_id` are those of the
    events that it is about; notices of earlier versions have none.
    """

    key: str
    recipient: str
    kind: NoticeKind
    deal_id: str
    title: str
    subject: NoticeSubject
    mode: Mode = "now"
    batch: str | None = None
    created_at: AwareDatetime
    run: int = Field(default=1, exclude_if=lambda run: run == 1)
    command_id: str | None = None
    correlation_id: str | None = None


class Message(Frozen):
    """A rendered text. `at` comes from the notices, so that the same notices always give the same message."""

    subject: str
    body: str
    at: AwareDatetime


def notice_key(stall: str, rung: int | str, repeat: int, recipient: str, run: int = 1) -> str:
    """The identity of a notice: the same stall, step (a rung, `warning`, `decided`, `lost`, `owner`), repeat, recipient.

    A later run of the deal has its own notices of the stalls that are called as those which were taken back.
    """
    # Each part is quoted: a slash inside an id must not make two keys equal.
    later_run = (f"run-{run}",) if run > 1 else ()
    return "/".join(quote(str(part), safe=":") for part in (stall, rung, repeat, recipient, *later_run))


def digest_key(recipient: str, notice_keys: Iterable[str]) -> str:
    """The identity of one digest: the recipient with exactly these notices, in any order."""
    content = "\n".join(sorted(notice_keys))
    return f"digest/{quote(recipient, safe='')}/{hashlib.sha256(content.encode()).hexdigest()[:32]}"


def channel_key(key: str, channel_id: str) -> str:
    """The key of a notice or digest on one channel, by which the receiver recognises a second sending."""
    return f"{key}/{quote(channel_id, safe='')}"


def oldest_first(notices: Iterable[Notice]) -> list[Notice]:
    """The notices by their deadline, then by deal and key, so that the order never depends on how they were loaded."""
    return sorted(notices, key=lambda notice: (notice.subject.due_at, notice.deal_id, notice.key))


def newest(notices: Iterable[Notice]) -> datetime:
    """When the last of these notices was created; ValueError when there is none."""
    return max(notice.created_at for notice in notices)
