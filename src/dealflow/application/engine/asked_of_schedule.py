"""What a deal's events ask of its row in the schedule."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from dealflow.application.ports.schedule import ScheduleChange
from dealflow.domain.clocks.due import next_due
from dealflow.domain.deal.events import Recorded
from dealflow.domain.deal.evolve import fold, last_known


class AskedOfSchedule(NamedTuple):
    """By the last version of the stream; a deal that was taken back asks for the end of what was its workflow."""

    deal_id: str
    version: int
    run: int
    opening: int
    in_progress: bool
    next_due: datetime | None

    @property
    def change(self) -> ScheduleChange:
        """The row written anew, with a wake where there is something to wake."""
        return ScheduleChange(
            opening=self.opening,
            in_progress=self.in_progress,
            next_due=self.next_due,
            wake=self.in_progress,
            run=self.run,
        )


def asked_of_schedule(recorded: Sequence[Recorded]) -> AskedOfSchedule | None:
    """None for events that open no deal."""
    if deal := fold(recorded):
        return AskedOfSchedule(deal.id, deal.version, deal.run, deal.opening, deal.in_progress, next_due(deal))
    if was := last_known(recorded):
        version = recorded[-1].stamp.version
        return AskedOfSchedule(was.id, version, was.run, was.opening, in_progress=False, next_due=None)
    return None
