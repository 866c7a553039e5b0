"""Whatever the organisation, list, detail, count, inventory and stalls agree on the deals that somebody sees."""

from datetime import date
from random import Random

import pytest

from dealflow.adapters.views.board import BoardView
from dealflow.application.reading.as_of import AsOf, ReadDeals
from dealflow.application.reading.board import DealQuery
from dealflow.application.reading.inventory import take_inventory
from dealflow.application.reading.known_names import KnownNames
from dealflow.application.reading.stalls import StallQuery
from dealflow.application.viewer import Viewer
from dealflow.domain.deal import commands as c
from dealflow.domain.decide.permission import counts_as_owner
from dealflow.domain.people.answering import answering
from dealflow.domain.people.organisation import Deputy, Organisation, Person, Role
from dealflow.domain.values.refusal import Code, CommandRefused
from tests.adapters.views.conftest import Office
from tests.support.deals.told_deals import day

IDS = ("li", "wang", "chen", "boss", "x", "y")
ROLES: tuple[Role, ...] = ("seller", "manager", "director", "director", "operations", "auditor", "integrator")
ORGANISATIONS = 8


def organisation(random: Random) -> Organisation:
    """A house of any shape: circles, managers who are gone, owners who are not in the file, deputies of then and of now."""
    present = [one for one in IDS if random.random() < 0.85]
    deputies = [Deputy(id=random.choice(IDS), until=random.choice([None, date(2026, 1, 1), date(2027, 1, 1)]))]
    return Organisation(
        people={
            one: Person(
                id=one,
                name=one,
                role=random.choice(ROLES),
                manager=random.choice([None, *IDS]),
                deputies=tuple(deputies) if random.random() < 0.3 else (),
            )
            for one in present
        }
    )


@pytest.fixture
def busy(office: Office) -> Office:
    """Deals of several owners and of nobody, some handed on after work, some stalled and told of."""
    for number, owner in enumerate(("li", "wang", "li", "wang", "li")):
        office.opens(f"d{number}", owner, at=day(5))
    process = office.processes.get("standard-sale").ref
    office.does("nobody", c.OpenDeal(title="Nobody's", process=process), who="ops")
    for deal, owner, to in (("d2", "li", "chen"), ("d3", "wang", "li"), ("d4", "li", "boss")):
        office.does(deal, c.RecordActivity(what="called"), who=owner)
        giver = "chen" if owner == "li" else "boss"
        office.does(deal, c.ReassignDeal(owner=to, reason="r"), who=giver)
    office.does("d2", c.RecordActivity(what="called"), who="chen")
    office.does("d2", c.ReassignDeal(owner="li", reason="back"), who="boss")
    for deal in ("d0", "d3", "nobody"):
        office.looks(deal, day(28))
    return office


def test_every_reading_shows_the_same_deals(busy: Office) -> None:
    random = Random(11)
    ids = [row.deal_id for row in busy.board.deals(DealQuery())]
    shown = 0
    for _ in range(ORGANISATIONS):
        people = organisation(random)
        busy.people = people
        board = busy.another_board()
        for person in (*IDS, "eve"):
            viewer = Viewer(person, people, busy.clock.now())
            seen = {deal for deal in ids if viewer.sees(busy.reading.read(deal).deal)}
            shown += len(seen)
            _agree(busy, board.seen_by(person), viewer, seen, ids)
            _decides_only_what_is_seen(busy, people, person, seen, ids)
        board.close()
    assert ORGANISATIONS < shown < 7 * ORGANISATIONS * len(ids)


def _agree(office: Office, board: BoardView, viewer: Viewer, seen: set[str], ids: list[str]) -> None:
    assert {row.deal_id for row in board.deals(DealQuery())} == seen
    assert board.count_deals(DealQuery()) == len(seen) == board.board_inventory().deals
    assert {row.deal_id for row in board.gaps(DealQuery())} <= seen
    open_stalls = {row.deal_id for row in office.board.stalls(StallQuery())}
    assert {row.deal_id for row in board.stalls(StallQuery())} == open_stalls & seen
    reading = ReadDeals(office.parts.store, office.processes, lambda: viewer.organisation, office.clock, viewer.person)
    for deal in ids:
        if deal in seen:
            assert reading.read(deal).deal.id == deal
            continue
        with pytest.raises(CommandRefused) as refused:
            KnownNames(reading).check(deal=deal)
        assert refused.value.reasons[0].code is Code.UNKNOWN_DEAL and refused.value.reasons[0].suggestion in {
            None,
            *seen,
        }
    for asked in (AsOf(), AsOf(as_of=office.clock.now())):
        if seen:
            assert take_inventory(office.parts.store, office.definition, viewer, asked=asked).deals == len(seen)


def _decides_only_what_is_seen(
    office: Office, people: Organisation, person: str, seen: set[str], ids: list[str]
) -> None:
    if person not in people.people:
        assert not seen
        return
    for deal in ids:
        state = office.reading.read(deal).deal
        if person in answering(state.owner, counts_as_owner(state), people).people:
            assert deal in seen, (person, deal)
