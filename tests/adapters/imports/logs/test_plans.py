"""Event logs read into plans: facts with their own instants, keys that stay, and bad traces and events told apart."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dealflow.adapters.imports.logs.plans import LogPlans, latest_instant
from dealflow.adapters.imports.logs.survey import survey
from dealflow.adapters.imports.mapping.file import ImportInvalid
from dealflow.adapters.imports.memory import shift_to_today
from dealflow.application.imports.plans import DealPlan, Reject
from dealflow.domain.deal import commands as c
from dealflow.domain.values.money import Money
from tests.support.files.import_files import problems_of
from tests.support.files.xes_files import NOW, SMALL, WON, event, log, log_file, log_mapping, log_plans, trace


def keys(plan: DealPlan) -> list[str]:
    return [act.origin.key for _, act in plan.acts if act.origin]


def shape(plan: DealPlan) -> list[str]:
    return [act.act for _, act in plan.acts]


def places(rejects: Sequence[Reject]) -> list[tuple[str, str, str]]:
    return [(reject.place, reject.field, reject.reason) for reject in rejects]


def test_a_trace_becomes_a_deal_whose_facts_have_their_own_instants(tmp_path: Path) -> None:
    (plan,), rejects = log_plans(tmp_path, log(WON))
    assert rejects == []
    assert (plan.deal_id, plan.row) == ("C1", 4)
    assert shape(plan) == [
        "open",
        "record_evidence",
        "record_milestone",
        "record_evidence",
        "record_milestone",
        "claim_outcome",
        "record_evidence",
    ]
    assert plan.acts[0][0] == datetime(2012, 1, 2, 8, tzinfo=UTC)
    assert (plan.opening.title, plan.opening.amount) == ("Loan C1", Money(minor=500_000, currency="EUR"))
    accepted = plan.acts[-1][1]
    assert isinstance(accepted, c.RecordEvidence)
    assert (accepted.author, accepted.fields) == ("Pete", {"accepted_at": "2012-01-09T08:00:00+00:00"})
    assert accepted.origin is not None and accepted.origin.row == "log.xes:trace 1, event 5"


def test_a_missing_resource_is_unknown(tmp_path: Path) -> None:
    at = "2012-01-02T09:00:00Z"
    text = log(trace("C1", event("Apply", at, resource=None), event("Call", at, resource=None)))
    (plan,), _ = log_plans(tmp_path, text)
    evidence, called = plan.acts[1][1], plan.acts[2][1]
    assert isinstance(evidence, c.RecordEvidence) and evidence.author == "unknown"
    assert isinstance(called, c.RecordActivity) and called.what == "Called by unknown"


def test_instants_are_compared_and_equal_ones_keep_the_order_of_the_file(tmp_path: Path) -> None:
    late, early = "2011-10-30T02:30:00+01:00", "2011-10-30T02:45:00+02:00"
    text = log(trace("C1", event("Return", late), event("Send", late), event("Apply", early)))
    (plan,), _ = log_plans(tmp_path, text)
    assert shape(plan) == ["open", "record_evidence", "record_evidence", "record_milestone"]
    assert plan.acts[0][0] == datetime(2011, 10, 30, 0, 45, tzinfo=UTC)


def test_a_time_without_an_offset_is_read_in_the_zone_of_the_mapping(tmp_path: Path) -> None:
    (plan,), _ = log_plans(tmp_path, log(trace("C1", event("Apply", "2012-07-01T09:00:00"))))
    assert plan.acts[0][0] == datetime(2012, 7, 1, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2012-07-01T09:00:00", "2012-07-01T07:00:00+00:00"),
        ("2012-07-01T09:00:00.250", "2012-07-01T07:00:00.250000+00:00"),
        ("2012-03-25T02:30:00", "2012-03-25T00:30:00+00:00"),  # which the clocks left out
        ("2012-10-28T02:30:00", "2012-10-28T00:30:00+00:00"),  # which they showed twice
        ("2012-07-01T09:00:00+05:00", "2012-07-01T04:00:00+00:00"),
        ("2012-07-01T09:00:00Z", "2012-07-01T09:00:00+00:00"),
    ],
)
def test_an_instant_in_a_field_is_read_as_that_of_its_event(tmp_path: Path, written: str, read: str) -> None:
    (plan,), rejects = log_plans(tmp_path, log(trace("C1", event("Return", written))))
    at, act = plan.acts[1]
    doubts = [(one.costs, one.field, one.value) for one in rejects]
    is_doubtful = written in ("2012-03-25T02:30:00", "2012-10-28T02:30:00")
    assert doubts == ([("doubt", "time:timestamp", written)] if is_doubtful else [])
    assert isinstance(act, c.RecordEvidence)
    assert act.fields == {"received_at": read}
    assert datetime.fromisoformat(read) == at


def test_a_transition_of_any_activity_goes_before_the_bare_name_and_a_whole_key_before_both(tmp_path: Path) -> None:
    at = "2012-01-02T09:00:00Z"
    events = [event("Call", at, "complete"), event("Send", at, "schedule"), event("Send", at, "start")]
    (plan,), _ = log_plans(tmp_path, log(trace("C1", *events)))
    assert shape(plan) == ["open", "record_activity", "record_milestone"]


def test_keys_are_the_same_again_whatever_a_newer_log_has_beside_them(tmp_path: Path) -> None:
    (first,), _ = log_plans(tmp_path, log(WON))
    more = event("Send", "2012-01-02T12:00:00.000+01:00") + event("Apply", "2012-01-02T08:00:00Z")
    newer = WON.replace(event("Send", "2012-01-03T09:00:00.000+01:00"), more + event("Send", "2012-01-03T08:00:00Z"))
    (_, second), _ = log_plans(tmp_path, log(trace("C0", event("Apply", "2012-01-01T09:00:00Z")), newer))
    assert set(keys(first)) < set(keys(second))
    assert len(set(keys(second))) == len(keys(second))


def test_shifted_logs_keep_their_keys(tmp_path: Path) -> None:
    file, mapping = log_file(tmp_path, log(WON)), log_mapping(tmp_path)
    found = survey(file, mapping)
    latest = latest_instant(file, found, mapping, NOW)
    assert latest == datetime(2012, 1, 9, 8, tzinfo=UTC)
    (plain,) = LogPlans(file, found, mapping, NOW, None)
    (moved,) = LogPlans(file, found, mapping, NOW, shift_to_today(latest, None, NOW))
    assert isinstance(plain, DealPlan) and isinstance(moved, DealPlan)
    assert moved.acts[-1][0] == datetime(2026, 11, 24, 8, tzinfo=UTC)
    assert keys(moved) == keys(plain)


@pytest.mark.parametrize(
    ("bad", "field", "reason"),
    [
        (event("Send", None), "time:timestamp", "the event has no time"),
        (event("Send", "yesterday"), "time:timestamp", "no date by the form iso"),
        (event("Send", "2027-01-01T00:00:00Z"), "time:timestamp", "it lies in the future"),
        (event("Sendd", "2012-01-03T09:00:00Z"), "concept:name", "the mapping does not know this value"),
        (event("", "2012-01-03T09:00:00Z"), "concept:name", "the cell is empty"),
        (
            event("Send", "2012-01-03T09:00:00Z", resource="A\u202eB"),
            "org:resource",
            "character 2 is U+202E RIGHT-TO-LEFT",
        ),
    ],
)
def test_a_bad_event_is_left_out_and_the_rest_of_its_trace_goes_on(
    tmp_path: Path, bad: str, field: str, reason: str
) -> None:
    (plan,), (reject,) = log_plans(tmp_path, log(trace("C1", event("Apply", "2012-01-02T09:00:00Z"), bad)))
    assert shape(plan) == ["open", "record_evidence"]
    assert (reject.file, reject.row, reject.place, reject.field) == ("log.xes", 6, "trace 1, event 2", field)
    assert reason in reject.reason and reject.deal_id == "C1"


def test_an_unknown_activity_is_told_with_the_nearest(tmp_path: Path) -> None:
    _, (reject, _) = log_plans(tmp_path, log(trace("C1", event("Applly", "2012-01-02T09:00:00Z")), WON))
    assert (reject.value, reject.suggestion, reject.unknown_value) == ("Applly", "Apply", True)


def test_bad_traces_are_rejected_with_their_place(tmp_path: Path) -> None:
    good = event("Apply", "2012-01-02T09:00:00Z")
    text = log(
        trace(None, good), trace("C1", good), trace("C1", good), trace("a/b", good), trace("C2"), trace("C3", amount="x"),
        trace("C4", event("Send", None)), trace("C5", good, amount="x"), event("Apply", "2012-01-02T09:00:00Z"),
    )  # fmt: skip
    plans, rejects = log_plans(tmp_path, text)
    assert [plan.deal_id for plan in plans] == ["C1", "C5"]
    assert places(rejects) == [
        ("trace 1", "case:concept:name", "the deal has no id"),
        ("trace 3", "case:concept:name", "the id is that of trace 2"),
        ("trace 4", "case:concept:name", "not an id: up to 120 characters on one line, without /"),
        ("trace 5", "", "the trace has no events"),
        ("trace 6", "", "the trace has no events"),
        ("trace 7, event 1", "time:timestamp", "the event has no time"),
        ("trace 7", "", "no event of the trace can be used"),
        ("trace 8, event 1", "case:AMOUNT_REQ", "not an amount"),
        ("trace 8", "case:AMOUNT_REQ", "no amount"),
        ("", "", "the event belongs to no trace"),
    ]


def test_an_event_before_an_opening_that_the_mapping_names_is_left_out(tmp_path: Path) -> None:
    mapping = SMALL.replace("deal:\n", "deal:\n  opened: case:REG_DATE\n")
    text = log(WON.replace("<trace>", '<trace><date key="REG_DATE" value="2012-01-03T00:00:00+01:00"/>'))
    (plan,), rejects = log_plans(tmp_path, text, mapping)
    assert plan.acts[0][0] == datetime(2012, 1, 2, 23, tzinfo=UTC)
    assert [reject.place for reject in rejects] == ["trace 1, event 1"]
    assert rejects[0].reason == "it lies before the deal opened"


def test_activities_of_the_mapping_that_never_occur_are_told_with_the_nearest(tmp_path: Path) -> None:
    mapping = log_mapping(tmp_path, SMALL.replace("Return:", "Retrun:"))
    never = survey(log_file(tmp_path, log(WON)), mapping).never
    assert (never[0].value, never[0].suggestion) == ("Retrun", "Return")
    assert "Apply" not in [one.value for one in never]


def test_a_mapping_of_which_no_activity_occurs_is_refused_at_its_places(tmp_path: Path) -> None:
    text = SMALL[: SMALL.index("    Apply")] + "    Aply: []\n    Snd+complete: [{milestone: offer_sent}]\n"
    with pytest.raises(ImportInvalid) as error:
        log_plans(tmp_path, log(WON), text)
    assert problems_of(error.value, tmp_path) == [
        "mapping.yaml:9:5: error: no event has the activity 'Aply'; did you mean 'Apply'? [never-occurs]",
        "mapping.yaml:10:5: error: no event has the activity 'Snd+complete'; did you mean 'Send'? [never-occurs]",
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("amount: case:AMOUNT_REQ", "amount: AMOUNT_REQ", "is no attribute of a trace; write case:AMOUNT_REQ [case]"),
        ("Send: [{milestone: offer_sent}]", "Send: [{milestone: offer_snt}]", "did you mean 'offer_sent'?"),
        ("facts:\n", "tables: {}\nfacts:\n", "unknown key 'tables' in the mapping"),
        ("process: consumer-loan\n", "", "the mapping has no 'process'"),
        ("  values:\n", "  by: 'a: b'\n  valus:\n", "unknown key 'valus' in 'facts'"),
    ],
)
def test_a_fault_of_the_mapping_is_told_with_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in SMALL
    with pytest.raises(ImportInvalid) as error:
        log_mapping(tmp_path, SMALL.replace(old, new))
    assert any(
        said in problem and problem.startswith("mapping.yaml:") for problem in problems_of(error.value, tmp_path)
    )
