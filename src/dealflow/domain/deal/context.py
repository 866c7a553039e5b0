"""What a decision needs beside the deal: the process in force, its rules and calendar, the people, who asks, and when."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dealflow.domain.people.actor import Who
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.process.calendar import Calendar
from dealflow.domain.process.definition import ProcessDefinition, ProcessRef
from dealflow.domain.process.rules import Rules


class Mode(StrEnum):
    """Live: now. Past: an import folds history, without notices. Catch-up: the import's end, where open stalls become backlog."""

    LIVE = "live"
    PAST = "past"
    CATCH_UP = "catch_up"


@dataclass(frozen=True)
class Context:
    """`at` is the instant of the decision, aware and UTC; the domain has no other clock."""

    process: ProcessDefinition
    ref: ProcessRef
    rules: Rules
    calendar: Calendar
    organisation: Organisation
    at: datetime
    who: Who
    mode: Mode = Mode.LIVE
