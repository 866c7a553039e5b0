"""The same act on many deals: each a command of its own, and sent again it has its effect once."""

from dealflow.application.commands.bulk import carry_out_each, part_id
from dealflow.domain.deal import commands as c
from dealflow.domain.values.ids import MAX_COMMAND_ID
from dealflow.domain.values.refusal import Code, CommandRefused
from tests.support.deals.house import House

ANNA = c.Who(actor="anna")


def acted(house: House, *deals: str, command_id: str = "many") -> list[tuple[str, object]]:
    """Each deal, with whether its answer repeats an earlier one, or the code of its refusal."""
    act = c.RecordActivity(what="sent the brochure")
    results = carry_out_each(house.deals, ((deal, act) for deal in deals), who=ANNA, command_id=command_id)
    return [
        (deal, result.reasons[0].code if isinstance(result, CommandRefused) else result.answer.repeated)
        for deal, result in results
    ]


def test_a_refusal_holds_up_no_other_deal() -> None:
    house = House().opened("d1").opened("d3")
    assert acted(house, "d1", "d2", "d3") == [("d1", False), ("d2", Code.UNKNOWN_DEAL), ("d3", False)]


def test_many_sent_again_have_their_effect_once() -> None:
    house = House().opened("d1").opened("d2")
    acted(house, "d1")
    assert acted(house, "d1", "d2") == [("d1", True), ("d2", False)]
    assert house.topics("d1").count("activity_recorded") == house.topics("d2").count("activity_recorded") == 1


def test_a_long_command_id_stays_within_its_limit_and_still_tells_the_deals_apart() -> None:
    ids = {part_id("c" * MAX_COMMAND_ID, deal) for deal in ("d1", "d2")}
    assert len(ids) == 2
    assert all(len(one) <= MAX_COMMAND_ID for one in ids)
