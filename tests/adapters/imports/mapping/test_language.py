"""What a mapping can say of a record: facts of filled cells only, patterns, fixed values, lists, corrections, what takes back."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from dealflow.adapters.imports.csv.files import open_csv
from dealflow.adapters.imports.csv.plans import plan_csv
from dealflow.adapters.imports.mapping.file import ImportInvalid, read_mapping
from dealflow.adapters.processes.reader import load_process
from dealflow.application.imports.plans import DealPlan, Reject
from dealflow.domain.deal import commands as c
from dealflow.domain.process.definition import ProcessRef
from tests.support.files.import_files import Published, forms_of, lookup, problems_of, rejects_of
from tests.support.files.requests import PROCESS

NOW = datetime(2026, 11, 24, tzinfo=UTC)
TOP = """\
source: probe
process: probe-request
zone: UTC
tables: {deals: deals.csv}
rows: deals
deal: {id: id, opened: opened}
"""
HEADER = "id,opened,state,decided,verdict,paid,who,worth"


def planned(folder: Path, facts: str, *rows: str, top: str = TOP) -> tuple[list[DealPlan], list[Reject]]:
    """What these rows come to with these facts."""
    (folder / "process.yaml").write_text(PROCESS, encoding="utf-8")
    definition, problems = load_process(folder / "process.yaml")
    assert definition is not None and not problems
    process = Published(ProcessRef(name=definition.name, version=1, digest="0" * 64), definition)
    (folder / "deals.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    (folder / "m.yaml").write_text(top + facts, encoding="utf-8")
    mapping = read_mapping(folder / "m.yaml", lookup(process))
    files = open_csv([folder / "deals.csv"], mapping)
    items = list(plan_csv(files, now=NOW, forms=forms_of(files)))
    return [item for item in items if isinstance(item, DealPlan)], rejects_of(items)


def refused(folder: Path, facts: str, top: str = TOP) -> list[str]:
    with pytest.raises(ImportInvalid) as error:
        planned(folder, facts, "D1,2017-01-01,,,,,,", top=top)
    return problems_of(error.value, folder)


def acts(plan: DealPlan) -> list[c.Command]:
    return [act for _, act in plan.acts[1:]]


def test_a_fact_of_a_cell_that_must_be_filled_is_left_out_where_it_is_empty(tmp_path: Path) -> None:
    facts = "facts: {every: [{evidence: payment, at: paid, filled: paid}]}\n"
    (without, paid), rejects = planned(tmp_path, facts, "D1,2017-01-01,,,,,,", "D2,2017-01-01,,,,2017-02-01,,")
    assert (acts(without), rejects) == ([], [])
    assert [act.act for act in acts(paid)] == ["record_evidence"]


def test_an_empty_date_of_a_fact_costs_the_fact_and_not_the_deal(tmp_path: Path) -> None:
    facts = "facts: {every: [{evidence: submission, at: opened}, {evidence: payment, at: paid}]}\n"
    (plan,), (reject,) = planned(tmp_path, facts, "D1,2017-01-01,,,,,,")
    assert [act.act for act in acts(plan)] == ["record_evidence"]
    assert (reject.deal_id, reject.field, reject.row, reject.costs) == ("D1", "paid", 2, "fact")


def test_values_are_chosen_by_themselves_by_a_pattern_or_by_else(tmp_path: Path) -> None:
    facts = """\
facts:
  by: state
  values:
    'Permit REJECTED by *': [{evidence: decision, at: decided, fields: {verdict: {value: rejected}}}]
    'Permit REJECTED by MISSING': []
    'Permit *': [{evidence: decision, at: decided, fields: {verdict: verdict}}]
    '': [{evidence: payment, at: decided}]
    else: [{evidence: submission, at: decided}]
"""
    states = ("Permit REJECTED by EMPLOYEE", "Permit REJECTED by MISSING", "Permit given", "", "Something new")
    rows = [f"D{n},2017-01-01,{state},2017-01-02,approved,,," for n, state in enumerate(states)]
    plans, rejects = planned(tmp_path, facts, *rows)
    found = [[(act.kind, act.fields) for act in acts(plan) if isinstance(act, c.RecordEvidence)] for plan in plans]
    assert rejects == []
    assert found == [
        [("decision", {"verdict": "rejected"})],
        [],
        [("decision", {"verdict": "approved"})],
        [("payment", {})],
        [("submission", {})],
    ]


def test_a_cell_with_a_list_is_one_fact_for_each_part_and_again_the_same(tmp_path: Path) -> None:
    facts = "facts: {every: [{evidence: decision, at: opened, each: verdict, fields: {verdict: verdict}}]}\n"
    (plan,), _ = planned(tmp_path, facts, 'D1,2017-01-01,,,"rejected, approved, rejected",,,')
    pieces = [act for act in acts(plan) if isinstance(act, c.RecordEvidence)]
    assert [piece.fields["verdict"] for piece in pieces] == ["rejected", "approved"]
    (later,), _ = planned(tmp_path, facts, 'D1,2017-01-01,,,"approved",,,')
    (same,) = (act for act in acts(later) if isinstance(act, c.RecordEvidence))
    assert (same.evidence_id, same.origin and same.origin.key) in [
        (piece.evidence_id, piece.origin and piece.origin.key) for piece in pieces
    ]
    (semicolons,), _ = planned(
        tmp_path,
        facts.replace("each: verdict", "each: {cell: verdict, split: ;}"),
        "D1,2017-01-01,,,approved;rejected,,,",
    )
    assert len(acts(semicolons)) == 2


def test_wrong_values_are_corrected_before_anything_reads_them_empty_ones_too(tmp_path: Path) -> None:
    top = TOP + "corrections: {state: {Wonn: Won, '': Open}, verdict: {yes: approved}}\n"
    facts = """\
facts:
  by: state
  values: {Won: [{evidence: decision, at: opened, fields: {verdict: verdict}}], Open: []}
"""
    plans, rejects = planned(tmp_path, facts, "D1,2017-01-01,Wonn,,yes,,,", "D2,2017-01-01,,,,,,", top=top)
    assert rejects == [] and acts(plans[1]) == []
    (decision,) = acts(plans[0])
    assert isinstance(decision, c.RecordEvidence) and decision.fields == {"verdict": "approved"}


def test_only_the_rows_that_are_meant_are_taken(tmp_path: Path) -> None:
    facts = "facts: {only: {state: [won, lost]}, every: []}\n"
    plans, rejects = planned(tmp_path, facts, "D1,2017-01-01,WON,,,,,", "D2,2017-01-01,other,,,,,")
    assert ([plan.deal_id for plan in plans], rejects) == (["D1"], [])


def test_the_earliest_of_several_columns_opens_the_deal_but_no_date_that_cannot_be(tmp_path: Path) -> None:
    top = TOP.replace("opened: opened", "opened: {earliest: [opened, decided, paid], not_before: 2000-01-01}")
    facts = "facts: {every: [{evidence: payment, at: decided, filled: decided}]}\n"
    rows = ("D1,2017-03-01,,2017-02-01,,2017-04-01,,", "D2,2017-03-01,,1987-02-01,,,,", "D3,,,1987-02-01,,,,")
    plans, (reject,) = planned(tmp_path, facts, *rows, top=top)
    assert [plan.acts[0][0].date().isoformat() for plan in plans] == ["2017-02-01", "2017-03-01"]
    (early,) = plans[1].early
    assert (early.deal_id, early.row, early.what, early.at.year, early.opened_at.year) == (
        "D2",
        3,
        "decided",
        1987,
        2017,
    )
    (kept,) = acts(plans[1])
    assert isinstance(kept, c.RecordEvidence) and kept.observed_at and kept.observed_at.year == 1987
    assert (reject.row, reject.reason) == (4, "1987-02-01 lies before 2000-01-01")


def test_an_owner_and_an_amount_pass_on_from_their_instant_and_what_is_said_again_is_no_fact(tmp_path: Path) -> None:
    top = TOP.replace("opened: opened}", "opened: opened, owner: who, amount: worth}")
    facts = "facts: {every: [{owner: verdict, at: paid}, {amount: '{worth}0', at: paid}, {owner: who, at: decided}]}\n"
    (plan,), rejects = planned(tmp_path, facts, "D1,2017-01-01,,2017-01-02,bob,2017-02-01,ann,100", top=top)
    assert rejects == [] and [act.act for act in acts(plan)] == ["reassign", "amend"]
    given, amended = acts(plan)
    assert isinstance(given, c.ReassignDeal) and given.owner == "bob"
    assert isinstance(amended, c.AmendDeal) and amended.amount and str(amended.amount) == "1,000.00 EUR"


def test_what_takes_back_names_the_last_piece_before_it(tmp_path: Path) -> None:
    facts = """\
facts:
  every:
    - {evidence: decision, at: opened, fields: {verdict: {value: approved}}}
    - {correct: decision, at: decided, fields: {verdict: {value: rejected}}, reason: 'Wrong file {id}'}
    - {dispute: decision, at: paid}
    - {withdraw: payment, at: paid}
    - {back: ask, at: paid, reason: state}
    - {reopen: ask, at: paid, reason: {value: called again}}
"""
    (plan,), (reject,) = planned(tmp_path, facts, "D1,2017-01-01,REJ,2017-01-02,,2017-02-01,,")
    found = acts(plan)
    assert [act.act for act in found] == ["record_evidence", "correct_evidence", "dispute_evidence", "back", "reopen"]
    assert {getattr(act, "evidence_id", "probe:D1:decision") for act in found} == {"probe:D1:decision"}
    assert [getattr(act, "reason", "") for act in found] == ["", "Wrong file D1", "probe", "REJ", "called again"]
    assert (reject.deal_id, reject.reason) == ("D1", "no 'payment' stands before it")


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ("facts: {by: state}\n", ["m.yaml:7:8: error: 'facts' has no 'values'; add values: [missing]"]),
        ("facts: {}\n", ["'facts' has no 'by'", "'facts' has no 'values'"]),
        ("facts: {every: [{stage: ask}]}\n", ["a fact of 'every' has no 'at'"]),
        (
            "facts: {every: [{withdraw: decison, at: paid}]}\n",
            ["no kind of evidence 'decison'", "did you mean 'decision'?"],
        ),
        ("facts: {every: [{back: payy, at: paid}]}\n", ["no stage 'payy'", "did you mean 'pay'?"]),
        ("facts: {every: [{stage: ask, at: paid, each: verdict}]}\n", ["'each' does not go with stage"]),
        ("facts: {every: [{stage: ask, at: paid, filed: paid}]}\n", ["unknown key 'filed'", "did you mean 'filled'?"]),
        ("facts: {every: [{stage: ask, at: paid, filled: payd}]}\n", ["m.yaml:7:48: ", "no column 'payd'", "'paid'"]),
        ("facts: {every: [{owner: {vlue: x}, at: paid}]}\n", ["a text that begins with { needs quotes"]),
        ("facts: {every: [{owner: {cell: who}, at: paid}]}\n", ["is asked of a deal's events"]),
        ("facts: {only: [state], every: []}\n", ["'only' must be a mapping"]),
        ("facts: {only: {stte: won}, every: []}\n", ["no column 'stte'", "did you mean 'state'?"]),
        ("corrections: {stte: {a: b}}\nfacts: {every: []}\n", ["m.yaml:7:15: ", "no column 'stte'"]),
    ],
)
def test_a_fault_of_the_language_has_its_place_and_advice(tmp_path: Path, facts: str, said: list[str]) -> None:
    problems = "\n".join(refused(tmp_path, facts))
    assert all(each in problems for each in said), problems


def test_a_floor_that_is_no_day_is_refused(tmp_path: Path) -> None:
    top = TOP.replace("opened: opened", "opened: {earliest: opened, not_before: soon}")
    (problem,) = refused(tmp_path, "facts: {every: []}\n", top)
    assert "'not_before' 'soon' is not a day; such as 2017-03-01" in problem
