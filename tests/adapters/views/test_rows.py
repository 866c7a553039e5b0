"""A stall in its row of the board."""

from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

import pytest

from dealflow.adapters.views.rows import rows_of, stall_of
from dealflow.domain.deal.stalls import Decided, EndedStall, NotRaised, OpenStall, Raised, RecordedStall, Stall
from tests.support.deals.stories import Story

AT = datetime(2026, 3, 1, 9, 30, 0, 123_456, tzinfo=UTC)
RECORDED = RecordedStall("s/1", "stage_age", "talk", 1, 2, AT, AT - timedelta(days=3), "3 days", ("met",), AT, None)
RAISED = Raised(AT, AT, backlog=True, rung=1, next_rung_at=AT + timedelta(days=2), recipients=("anna", "周总"))
BARELY_RAISED = Raised(AT, AT)


@pytest.mark.parametrize(
    "stall",
    [
        *(OpenStall(**asdict(RECORDED), escalation=escalation) for escalation in (NotRaised(), RAISED, BARELY_RAISED)),
        *(
            EndedStall(**asdict(RECORDED), ended_at=AT, how="moved", escalation=escalation)
            for escalation in (NotRaised(), BARELY_RAISED, Decided(RAISED, "waive", "dora", AT))
        ),
    ],
)
def test_a_stall_comes_out_of_its_row_as_it_went_in(stall: Stall) -> None:
    story = Story().opened()
    (row,) = rows_of(replace(story.deal, stalls={stall.id: stall}), story.definition).stalls
    assert stall_of(row) == stall
