"""Store and workflows compared: what differs in every look is wrong, what differs in one was under way."""

import asyncio
from collections.abc import Sequence

from dealflow.application.audit.workflow_checks import Comparison, compare
from dealflow.application.engine.reconcile import Difference, Reconciled
from dealflow.application.ports.workflow_starter import TemporalUnreachable

GONE = Difference(kind="run_missing", deal_id="d1", opening=2)
LATE = Difference(kind="armed_late", deal_id="d2", opening=1)
UNHEARD = Difference(kind="recipient_missing", person="dora")


def compared(*looks: Sequence[Difference]) -> tuple[Comparison, int]:
    """What comes of these looks one after the other, and how many pauses there were."""
    left, pauses = list(looks), 0

    async def look() -> Reconciled:
        found = left.pop(0)
        return Reconciled(dry_run=True, deals=2, runs=2, recipients=1, differences=tuple(found))

    async def pause() -> None:
        nonlocal pauses
        pauses += 1

    return asyncio.run(compare(look, pause)), pauses


def test_where_nothing_differs_one_look_is_enough() -> None:
    assert compared([]) == (Comparison(deals=2), 0)


def test_what_is_mended_meanwhile_is_not_wrong() -> None:
    assert compared([GONE, LATE], [UNHEARD]) == (Comparison(deals=2), 1)


def test_what_lasts_is_named_with_the_deal_and_what_to_do() -> None:
    found, pauses = compared([LATE, GONE, UNHEARD], [GONE, UNHEARD], [UNHEARD, GONE])
    assert pauses == 2
    unheard, gone = found.findings
    assert gone.deal_id == "d1" and "no workflow of opening 2 runs" in gone.says and "reconcile" in gone.do
    assert unheard.deal_id is None and "notices for dora wait" in unheard.says


def test_a_server_that_is_away_is_said() -> None:
    async def away() -> Reconciled:
        raise TemporalUnreachable("nothing listens there")

    async def never() -> None:
        raise AssertionError

    assert asyncio.run(compare(away, never)).failed == "nothing listens there"
