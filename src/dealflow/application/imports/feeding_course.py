"""The course of one live feed: its entries in the order of time, what has been given of them, and the report that it becomes."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from dealflow.application.imports.changes import Outstanding
from dealflow.application.imports.feeding_lanes import FeedEntry, Given, Left
from dealflow.application.imports.plans import DealPlan, ImportReport, Reject
from dealflow.application.imports.report import ReportBuilder
from dealflow.application.imports.run import OnProgress, OnReject
from dealflow.domain.deal import commands as c
from dealflow.domain.deal.state import Deal
from dealflow.domain.decide.feeding import as_fed
from dealflow.domain.values.refusal import Reason
from dealflow.wording.sentences import sentence


class Timeline(Protocol):
    """The entries of a feed in the order of the log's own time, kept outside memory."""

    def add(self, deal_id: str, version: int, entries: Sequence[tuple[datetime, FeedEntry]]) -> None:
        """What is to be told of a deal, which stands at this version (0: not opened yet)."""
        ...

    def entries(self) -> Iterator[FeedEntry]:
        """In time order; those of one instant as they were added."""
        ...

    def deals(self) -> Iterator[tuple[str, int]]:
        """Every deal that was added, with its version then."""
        ...

    def count(self) -> int:
        """How many entries there are."""
        ...


class FeedReport(ImportReport):
    """What a feed did, with the deals as they stand at its end.

    `commands` of `commands_in_all` were given, `told` facts in them, within `giving_seconds`: from the first command to the
    last deal that a workflow has looked at. `waiting`: deals whose last wake no workflow has seen
    yet. `left`: deals of which `commands_left` were not given, since no workflow made the win or the end that comes before.
    """

    commands: int = 0
    commands_in_all: int = 0
    told: int = 0
    repeated: int = 0
    giving_seconds: float = 0.0
    waiting: int = 0
    left: int = 0
    commands_left: int = 0
    interrupted: bool = False


class Course:
    """How far a feed has come; touched by the caller's thread only."""

    def __init__(self, timeline: Timeline, tally: ReportBuilder, rejected: OnReject, given: OnProgress) -> None:
        self.timeline, self.tally = timeline, tally
        self.woken: dict[str, int] = {}
        self.left = Left()
        self.giving_seconds = 0.0
        self._rejected, self._given = rejected, given
        self._commands = self._told = self._repeated = 0
        self._refused = 0

    @property
    def so_far(self) -> str:
        """How far it has come, in words."""
        return f"{self._commands:,} of {self.timeline.count():,} commands were given"

    def reject(self, reject: Reject) -> None:
        self.tally.reject(reject)
        self._rejected(reject)

    def lay_out(
        self, plan: DealPlan, deal: Deal | None, new: Outstanding, entries: Sequence[tuple[datetime, FeedEntry]]
    ) -> None:
        self.timeline.add(plan.deal_id, deal.version if deal else 0, entries)
        self.tally.found(plan.findings)
        self.tally.kept.update(new.kept)
        self.tally.dates += new.dates_not_changed

    def took(self, given: Given) -> None:
        entry = given.entry
        if given.answer is None:
            self._refused += 1
            self.reject(rejected_as(entry.file, entry.row, entry.envelope.deal_id, given.reasons, _place(entry)))
        else:
            self._commands += 1
            self._told += len(entry.envelope.commands)
            self._repeated += given.answer.repeated
            if given.answer.wake:
                self.woken.pop(given.answer.deal_id, None)  # the last to be woken stands last
                self.woken[given.answer.deal_id] = given.answer.version
        self._given(self._commands + self._refused, self.timeline.count())

    def report(self, counts: ImportReport, *, strict_stop: bool, interrupted: bool) -> FeedReport:
        return FeedReport.model_validate(
            {
                **dict(counts),
                "strict_stop": strict_stop,
                "commands": self._commands,
                "commands_in_all": self.timeline.count(),
                "told": self._told,
                "repeated": self._repeated,
                "giving_seconds": round(self.giving_seconds, 3),
                "waiting": len(self.woken),
                "left": len(self.left.deals),
                "commands_left": self.left.commands,
                "interrupted": interrupted,
            }
        )


def entries_of(plan: DealPlan, new: Outstanding, batch: str, who: c.Who) -> list[tuple[datetime, FeedEntry]]:
    """One command for each instant; the same for the same plan, so that it is never carried out twice."""
    instants = list(as_fed(new.acts))
    return [
        (
            at,
            FeedEntry(
                c.Envelope(
                    command_id=_command_id(batch, plan.deal_id, commands),
                    deal_id=plan.deal_id,
                    who=who,
                    commands=commands,
                    cause="feed",
                ),
                plan.file,
                plan.row,
                last=number == len(instants),
            ),
        )
        for number, (at, commands) in enumerate(instants, start=1)
    ]


def _command_id(batch: str, deal_id: str, commands: Sequence[c.Command]) -> str:
    keys = [command.origin.key for command in commands if command.origin]
    digest = hashlib.sha256("\n".join([batch, deal_id, *keys]).encode()).hexdigest()
    return f"feed/{digest[:32]}"


def _place(entry: FeedEntry) -> str:
    """The trace and the event, as the importer has named them."""
    origin = next((command.origin for command in entry.envelope.commands if command.origin), None)
    return origin.row.removeprefix(f"{entry.file}:") if origin else ""


def rejected_as(file: str, row: int, deal_id: str, reasons: Sequence[Reason], place: str = "") -> Reject:
    return Reject(
        file=file,
        row=row,
        place=place,
        field=", ".join(reason.place for reason in reasons if reason.place),
        reason=" ".join(sentence(reason, "en") for reason in reasons),
        deal_id=deal_id,
    )
