"""What `escalation decide` is given: the decision, and which escalations it answers."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import cast, get_args

from dealflow.application.reading.stalls import StallQuery
from dealflow.cli.errors import WrongUsage
from dealflow.cli.inputs.files import read_ids
from dealflow.cli.inputs.values import duration
from dealflow.cli.inputs.writing import Writing
from dealflow.domain.deal.commands import DecideEscalation
from dealflow.domain.deal.events import DecisionKind
from dealflow.domain.values.phrase import phrase
from dealflow.domain.values.suggest import nearest


@dataclass(frozen=True, slots=True)
class WrittenDecision:
    """What is decided, as written."""

    word: str
    reason: str
    until: str | None
    lasting: str | None
    to: str | None
    node: str | None
    lost_reason: str | None
    alone_is_known: bool

    def checked(self, writing: Writing) -> DecideEscalation:
        """The command, for the only open escalation of a deal until one is named."""
        if self.word not in get_args(DecisionKind):
            known, near = get_args(DecisionKind), nearest(self.word, get_args(DecisionKind))
            if near is None:
                raise WrongUsage(phrase("'{given}' is no decision: one of {known}", given=self.word, known=known))
            raise WrongUsage(
                phrase(
                    "'{given}' is no decision: one of {known}; did you mean '{near}'?",
                    given=self.word,
                    known=known,
                    near=near,
                )
            )
        if self.until is not None and self.lasting is not None:
            raise WrongUsage(phrase("give --until or --for, not both"))
        return DecideEscalation(
            decision=cast("DecisionKind", self.word),
            reason=self.reason,
            until=writing.until(self.until, "until") if self.until is not None else None,
            lasting=duration(self.lasting, "for") if self.lasting is not None else None,
            to=self.to,
            node=self.node,
            lost_reason=self.lost_reason,
            alone_is_known=self.alone_is_known,
        )


@dataclass(frozen=True, slots=True)
class WrittenChoice:
    """Which escalations are meant, as written: by id, by a file of ids, or by what they have in common."""

    ids: tuple[str, ...]
    file: Path | None
    owner: str | None
    director: str | None
    stage: str | None
    older_than: str | None

    def named(self) -> list[str]:
        """The ids that were given, once each; WrongUsage where a filter is given as well, or nothing at all."""
        named = list(dict.fromkeys([*self.ids, *(read_ids(self.file) if self.file else ())]))
        if bool(named) == any((self.owner, self.director, self.stage, self.older_than)):
            raise WrongUsage(
                phrase("name escalations, or choose them with --owner, --director, --stage, --older-than (not both)")
            )
        return named

    def wanted(self, now: datetime) -> StallQuery:
        """The question to the board."""
        before = None
        if self.older_than is not None:
            length = duration(self.older_than, "older-than")
            if length.unit.is_working:
                raise WrongUsage(phrase("--older-than counts plain time: '7 days', '8 hours'"))
            before = now - length.elapsed
        return StallQuery(owner=self.owner, director=self.director, stage=self.stage, due_before=before)
