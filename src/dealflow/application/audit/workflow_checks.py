"""Store and Temporal compared without mending anything, and what of it is wrong for more than a moment."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from dealflow.application.audit.stream_checks import Finding
from dealflow.application.engine.reconcile import Difference, Reconciled
from dealflow.application.ports.store import EventUnreadable
from dealflow.application.ports.workflow_starter import TemporalUnreachable
from dealflow.domain.deal.stream import stream_of
from dealflow.domain.values.phrase import Phrase, as_phrase, counted, phrase, phrase_of

_LOOKS = 3
_NOTHING_FAILED = as_phrase("")


@dataclass(frozen=True, slots=True)
class Comparison:
    """Store and workflows compared; `failed` says why they could not be."""

    deals: int = 0
    findings: tuple[Finding, ...] = ()
    failed: Phrase = _NOTHING_FAILED


async def compare(look: Callable[[], Awaitable[Reconciled]], pause: Callable[[], Awaitable[None]]) -> Comparison:
    """What differs in every look of several, `pause` between them: what moves meanwhile is under way, and not wrong."""
    lasting: set[Difference] = set()
    deals = 0
    for number in range(_LOOKS):
        if number:
            await pause()
        try:
            found = await look()
        except (EventUnreadable, TemporalUnreachable) as error:
            return Comparison(failed=phrase_of(error))
        if found.failed:
            return Comparison(
                failed=counted("{n} workflow could not be asked", "{n} workflows could not be asked", found.failed)
            )
        deals = found.deals
        lasting = set(found.differences) & lasting if number else set(found.differences)
        if not lasting:
            break
    named = sorted(lasting, key=lambda one: (one.kind, one.deal_id or "", one.person or ""))
    return Comparison(deals, tuple(map(_finding, named)))


def _finding(difference: Difference) -> Finding:
    deal_id = difference.deal_id
    return Finding(
        check="workflow",
        stream=stream_of(deal_id) if deal_id else None,
        deal_id=deal_id,
        says=_says(difference),
        do=phrase("`dealflow reconcile` mends it"),
    )


def _says(difference: Difference) -> Phrase:
    deal, opening = difference.deal_id, difference.opening
    match difference.kind:
        case "run_missing":
            return phrase(
                "deal {deal} is in progress, and no workflow of opening {opening} runs", deal=deal, opening=opening
            )
        case "run_without_deal":
            return phrase(
                "a workflow of deal {deal}, opening {opening}, runs, and no such deal is in progress",
                deal=deal,
                opening=opening,
            )
        case "armed_late":
            return phrase(
                "the workflow of deal {deal}, opening {opening}, looks at it later than its next deadline, or not at all",
                deal=deal,
                opening=opening,
            )
        case "recipient_missing":
            return phrase("notices for {person} wait, and no workflow delivers them", person=difference.person)
