"""What the events of a log say of their deal: cells that all share, the last of those that change, and chosen ones."""

from pathlib import Path

import pytest

from tests.support.files.xes_files import SMALL, event, log, log_plans, trace

DISCO = log(
    trace(
        "C1",
        event("Send", "2012-01-03T09:00:00Z", more='<string key="(case)_Dept" value="dept 7"/>', resource="Ann"),
        event("Apply", "2012-01-02T09:00:00Z", more='<string key="(case)_Dept" value="dept 7"/>', resource="Pete"),
        event("Return", "2012-01-04T09:00:00Z", more='<string key="(case)_Dept" value=""/>', resource="Zoe"),
    )
)


def test_an_attribute_of_the_trace_that_stands_on_its_events_is_the_deals(tmp_path: Path) -> None:
    mapping = SMALL.replace("deal:\n", "deal:\n  customer: case:(case)_Dept\n")
    (plan,), rejects = log_plans(tmp_path, DISCO, mapping)
    assert rejects == [] and plan.opening.customer is not None and plan.opening.customer.id == "dept 7"


@pytest.mark.parametrize(
    ("owner", "found"),
    [
        ("{cell: org:resource, take: first}", "Pete"),
        ("{cell: org:resource}", "Zoe"),
        ("{cell: org:resource, of: Send}", "Ann"),
        ("{cell: org:resource, of: ['S*+complete', Apply], take: first}", "Pete"),
        ("[{cell: org:resource, of: Pay}, {value: nobody}]", "nobody"),
    ],
)
def test_a_cell_of_chosen_events_is_the_first_or_the_last_by_their_instants(
    tmp_path: Path, owner: str, found: str
) -> None:
    (plan,), _ = log_plans(tmp_path, DISCO, SMALL.replace("deal:\n", f"deal:\n  owner: {owner}\n"))
    assert plan.opening.owner == found


def test_a_chosen_activity_opens_the_deal_and_none_before_it_is_taken(tmp_path: Path) -> None:
    (plan,), (reject,) = log_plans(tmp_path, DISCO, SMALL.replace("deal:\n", "deal:\n  opened: {of: Send}\n"))
    assert plan.acts[0][0].isoformat() == "2012-01-03T09:00:00+00:00"
    assert (
        "lies before the deal opened" in reject.reason and reject.place == "trace 1, event 2" and reject.costs == "fact"
    )


def test_what_is_dated_before_anything_can_have_happened_opens_no_deal_and_is_told(tmp_path: Path) -> None:
    early = event("Apply", "1987-05-05T09:00:00Z") + event("Send", "2012-01-03T09:00:00Z")
    mapping = SMALL.replace("deal:\n", "deal:\n  opened: {not_before: 2010-01-01}\n")
    plans, rejects = log_plans(
        tmp_path, log(trace("C1", early), trace("C2", event("Send", "1987-01-01T09:00:00Z"))), mapping
    )
    (plan,), (reject,) = plans, rejects
    assert plan.acts[0][0].year == 2012 and plan.opening.title == "Loan C1"
    (one,) = plan.early
    assert (one.what, one.place, one.at.year) == ("Apply", "trace 1, event 1", 1987)
    assert reject.reason == "1987-01-01 lies before 2010-01-01"
