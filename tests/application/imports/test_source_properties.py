"""Any sequence of exports, with acts of persons between them, comes out as a model of ten lines says; and settles each time."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from dealflow.adapters.imports.csv.run import CsvRequest, import_csv
from dealflow.adapters.processes.reader import load_process
from dealflow.application.audit.stream_checks import state_faults
from dealflow.application.imports.plans import ImportReport
from dealflow.domain.deal import commands as c
from dealflow.domain.deal.state import Closed, Deal
from tests.application.imports.test_run import NOW, WHO, Place, opened

PIPE = """\
process: pipe
title: {en: Pipe, zh: 管道}
currency: EUR
evidence: {order: {fields: {amount: money}}}
stages:
  - {id: lead, nodes: [{id: need, standard: order}], clocks: {stage_age: 30 days}}
  - {id: offer, wins: true, back_to: [lead], nodes: [{id: signed, standard: order}], clocks: {stage_age: 90 days}}
  - {id: after, nodes: [{id: paid, standard: order}]}
lost_reasons: [price, not_given]
"""
MAPPING = """\
source: crm
process: pipe
zone: UTC
exported_at: {exported}
tables: {{deals: deals.csv}}
rows: deals
deal: {{id: id, opened: created, owner: owner, amount: amount}}
facts:
  by: stage
  values:
    Lead: []
    Offer: [{{stage: offer, at: moved}}]
    Won: [{{stage: offer, at: moved}}, {{outcome: won, at: closed}}]
    Lost: [{{outcome: lost, at: closed, reason: price}}]
"""
OUTCOMES = {"Lead": "open", "Offer": "open", "Won": "won", "Lost": "lost"}
DEALS, EXPORTS = 24, 7


@dataclass(frozen=True)
class Row:
    """What an export says of one deal."""

    stage: str
    owner: str
    amount: int
    created: date
    moved: date
    closed: date

    @property
    def outcome(self) -> str:
        return OUTCOMES[self.stage]

    def written(self, deal: str) -> str:
        moved = self.moved if self.stage in ("Offer", "Won") else ""
        closed = self.closed if self.stage in ("Won", "Lost") else ""
        return f"{deal},{self.stage},{self.owner},{self.amount},{self.created},{moved},{closed}"


@dataclass
class Expected:
    """The model: what the source says otherwise than last counts; what a person did stands till then."""

    said: Row | None = None
    now: dict[str, object] = field(default_factory=dict)

    def hears(self, row: Row) -> None:
        for part in ("outcome", "owner", "amount"):
            if self.said is None or getattr(self.said, part) != getattr(row, part):
                self.now[part] = getattr(row, part)
        self.said = row


def dates_as_said(found: Deal, row: Row) -> Iterator[str]:
    """What of the last export's dates a deal has not, on which no person has acted: its own model, of cells and states."""
    if found.opened_at.date() != row.created:
        yield f"opened {found.opened_at}"
    if row.stage in ("Offer", "Won") and row.moved not in [
        visit.entered_at.date() for visit in found.visits if visit.stage == "offer"
    ]:
        yield f"no visit of the offer from {row.moved}"
    closed = found.life.at if isinstance(found.life, Closed) else None
    ended = found.win.at if found.win and row.outcome != "lost" else closed
    if row.outcome != "open" and (ended is None or ended.date() != row.closed):
        yield f"closed {ended}"
    if row.outcome == "open" and ended is not None:
        yield f"closed {ended}, and is open"
    instants = [instant for visit in found.visits for instant in (visit.entered_at, visit.left_at) if instant]
    if instants != sorted(instants):
        yield f"a visit before another: {instants}"


def any_row(chance: random.Random, before: Row | None) -> Row:
    """The next that a source says: often the same, often only with other dates."""

    def day(first: int, last: int) -> date:
        return date(2017, 1, 1) + timedelta(days=chance.randint(first, last))

    fresh = Row(
        stage=chance.choice(list(OUTCOMES)),
        owner=chance.choice(["anna", "ben"]),
        amount=chance.choice([100, 200]),
        created=day(0, 20),
        moved=day(21, 150),
        closed=day(151, 300),
    )
    if before is None:
        return fresh
    parts = chance.sample(["stage", "owner", "amount", "created", "moved", "closed"], k=chance.choice([0, 1, 1, 2, 6]))
    return replace(before, **{part: getattr(fresh, part) for part in parts})


def any_act(chance: random.Random, expected: Expected) -> c.Command:
    if chance.random() < 0.3:
        owner = "ben" if expected.now["owner"] == "anna" else "anna"
        expected.now["owner"] = owner
        return c.ReassignDeal(owner=owner, reason="a person says so")
    if expected.now["outcome"] == "open":
        expected.now["outcome"] = "lost"
        return c.LoseDeal(reason="price")
    if expected.now["outcome"] == "won":
        expected.now["outcome"] = "lost"
        return c.LoseDeal(reason="price")
    expected.now["outcome"] = "open"
    return c.ReopenDeal(reason="a person says so", to="lead")


class Crm:
    """A store with one process, and exports of a source one after the other."""

    def __init__(self, place: Place) -> None:
        self.place = place
        (place.folder / "pipe.yaml").write_text(PIPE, encoding="utf-8")
        definition, _ = load_process(place.folder / "pipe.yaml")
        assert definition is not None
        place.system.processes.publish(definition, who=WHO, command_id="pipe")

    def exports(self, rows: dict[str, Row], exported: datetime, now: datetime) -> ImportReport:
        folder, system = self.place.folder, self.place.system
        lines = ["id,stage,owner,amount,created,moved,closed", *(row.written(deal) for deal, row in rows.items())]
        (folder / "deals.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        (folder / "crm.yaml").write_text(MAPPING.format(exported=exported.isoformat()), encoding="utf-8")
        files, mapping = (folder / "deals.csv",), folder / "crm.yaml"
        request = CsvRequest(files=files, mapping=mapping, who=WHO, home=system.settings.home)
        return import_csv(request, system.imports, system.processes, now).report


@pytest.fixture
def crm(tmp_path: Path) -> Iterator[Crm]:
    with opened(tmp_path) as place:
        yield Crm(place)


@pytest.mark.parametrize("seed", [1, 2, 23])
def test_the_source_is_followed_whatever_it_says_and_whoever_acts_between(crm: Crm, seed: int) -> None:
    chance = random.Random(seed)
    deals = {f"R{number}": Expected() for number in range(DEALS)}
    touched: set[str] = set()
    for number in range(EXPORTS):
        at = NOW + timedelta(days=2 * number)
        rows = {deal: any_row(chance, expected.said) for deal, expected in deals.items()}
        older = {deal: any_row(chance, row) for deal, row in rows.items()}
        crm.exports(rows, at, at)
        for deal, expected in deals.items():
            expected.hears(rows[deal])
        assert crm.exports(rows, at, at + timedelta(hours=1)).events == 0, "settled"
        late = crm.exports(older, at - timedelta(hours=12), at + timedelta(hours=2))
        assert (late.events, late.not_changed[0].facts) == (0, DEALS), "an older export changes nothing"
        for deal, expected in deals.items():
            found = crm.place.deal(deal)
            amount = found.amount.minor // 100 if found.amount else None
            now = {"outcome": found.outcome.value, "owner": found.owner, "amount": amount}
            assert now == expected.now, (deal, number)
            assert not list(state_faults(found)), deal
            if deal not in touched:
                assert not list(dates_as_said(found, rows[deal])), (deal, number, rows[deal])
                assert not found.claims_not_applied, (deal, number, rows[deal])
            if found.outcome == "open" and deal not in touched:
                stage = "offer" if rows[deal].stage == "Offer" else "lead"
                assert found.stage == stage, (deal, number)
        for deal in chance.sample(sorted(deals), k=DEALS // 4):
            act = any_act(chance, deals[deal])
            envelope = c.Envelope(command_id=f"{deal}-{number}", deal_id=deal, who=WHO, commands=(act,))
            crm.place.system.deals.handle(envelope)
            if not isinstance(act, c.ReassignDeal):
                touched.add(deal)
