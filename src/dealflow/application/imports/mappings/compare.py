"""Two readings of the same files compared, deal by deal: by the mapping of before, and by that of today."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from dealflow.application.imports.keys import fact_of
from dealflow.application.imports.mappings.counted import (
    DifferenceWhat,
    ReadDifference,
    ReadOtherwise,
    ReadOtherwiseCount,
)
from dealflow.application.imports.plans import DealPlan, Reject
from dealflow.domain.deal import commands as c
from dealflow.domain.process.definition import Field, ProcessDefinition
from dealflow.domain.values.one_line import one_line

Known = Callable[[Collection[str]], Collection[str]]
_AT_ONCE = 200
# In a log a fact is known by its instant, which is what is compared.
_INSTANT = re.compile(r"@\d{8}T[\d.]+")
# What a fact says beside its fields and its date.
_BESIDES: tuple[str, ...] = ("amount", "owner", "reason", "outcome", "what", "stage", "to")


def read_otherwise(
    was: Iterable[DealPlan | Reject],
    now: Iterable[DealPlan | Reject],
    process: ProcessDefinition,
    known: Known,
    batch: str,
    heard: Callable[[int], None] = lambda _rows: None,
) -> ReadOtherwise | None:
    """What of the deals on record is read otherwise now than it `was`; None where nothing is.

    `known` says which of some deals are on record, `heard` hears of the rows done. Both readings are
    in the order of the file, of which neither is kept.
    """
    count = ReadOtherwiseCount()
    pairs = _same_rows(was, now)
    rows = 0
    while some := list(islice(pairs, _AT_ONCE)):
        rows += len(some)
        heard(rows)
        found = [(before, after, differences(before, after, process)) for before, after in some]
        differing = [one for one in found if one[2]]
        on_record = known([before.deal_id for before, _, _ in differing])
        for before, after, its in differing:
            if before.deal_id in on_record:
                count.add(before.deal_id, after.row, its)
    return count.of(batch)


def _same_rows(
    was: Iterable[DealPlan | Reject], now: Iterable[DealPlan | Reject]
) -> Iterator[tuple[DealPlan, DealPlan]]:
    """The plans of each row that both readings could use; what one of them rejects is no other reading."""
    before = (one for one in was if isinstance(one, DealPlan))
    last = next(before, None)
    for after in now:
        if not isinstance(after, DealPlan):
            continue
        while last is not None and last.row < after.row:
            last = next(before, None)
        if last is not None and last.row == after.row:
            yield last, after


def differences(was: DealPlan, now: DealPlan, process: ProcessDefinition) -> list[ReadDifference]:
    """What of one record is read otherwise. A fact that one reading could not use is none that it says otherwise."""
    found = [ReadDifference("id", "", was.deal_id, now.deal_id)] if was.deal_id != now.deal_id else []
    found += _of_opening(was.opening, now.opening)
    before, after = dict(_facts(was)), dict(_facts(now))
    for name, (at, act) in before.items():
        if name in after:
            found += _of_fact(name, (at, act), after[name], process)
        elif not _left_out(now):
            found.append(ReadDifference("fact_gone", _said(name), was=_written(at)))
    if not _left_out(was):
        gained = ((name, at) for name, (at, _) in after.items() if name not in before)
        found += [ReadDifference("fact_new", _said(name), now=_written(at)) for name, at in gained]
    return found


def _left_out(plan: DealPlan) -> bool:
    return any(reject.costs == "fact" for reject in plan.rejects)


def _facts(plan: DealPlan) -> Iterator[tuple[str, tuple[datetime, c.Act]]]:
    """The facts beside the opening, by what they are known by in both readings."""
    same: Counter[str] = Counter()
    source = plan.opening.origin.source if plan.opening.origin else ""
    for at, act in plan.acts:
        if isinstance(act, c.OpenDeal) or act.origin is None:
            continue
        name = _INSTANT.sub("", fact_of(act.origin.key).removeprefix(f"{source}/"))
        same[name] += 1
        yield (f"{name}#{same[name]}" if same[name] > 1 else name), (at, act)


def _of_opening(was: c.OpenDeal, now: c.OpenDeal) -> Iterator[ReadDifference]:
    said: list[tuple[DifferenceWhat, Any, Any]] = [
        ("title", was.title, now.title),
        ("owner", was.owner, now.owner),
        ("customer", was.customer.id if was.customer else None, now.customer.id if now.customer else None),
        ("amount", was.amount, now.amount),
    ]
    if was.opened_at and now.opened_at and was.opened_at != now.opened_at:
        yield ReadDifference("date", "opened", _written(was.opened_at), _written(now.opened_at))
    for what, before, after in said:
        if before != after:
            yield ReadDifference(what, "", _shown(before), _shown(after))
    for name in sorted({*was.attributes, *now.attributes}):
        before, after = was.attributes.get(name), now.attributes.get(name)
        if before != after:
            yield ReadDifference("attributes", name, _shown(before), _shown(after))


def _of_fact(
    name: str, was: tuple[datetime, c.Act], now: tuple[datetime, c.Act], process: ProcessDefinition
) -> Iterator[ReadDifference]:
    (at_was, before), (at_now, after) = was, now
    if at_was != at_now:
        yield ReadDifference("date", _said(name), _written(at_was), _written(at_now))
    for part in _BESIDES:
        one, other = getattr(before, part, None), getattr(after, part, None)
        if one != other:
            # Why something is taken back is in words of the source, which may name a person.
            hidden = part == "reason" and not isinstance(after, c.ClaimOutcome)
            shown = ("", "") if hidden else (_shown(one), _shown(other))
            yield ReadDifference("fact", _said(name), *shown, part=part)
    fields_was, fields_now = getattr(before, "fields", {}), getattr(after, "fields", {})
    spec = _spec(after, process)
    for field in sorted({*fields_was, *fields_now}):
        one, other = fields_was.get(field), fields_now.get(field)
        if one != other:
            hidden = field not in spec or spec[field].personal
            shown = ("", "") if hidden else (_shown(one), _shown(other))
            yield ReadDifference("field", _said(name), *shown, part=field)


def _spec(act: c.Act, process: ProcessDefinition) -> dict[str, Field]:
    kind = getattr(act, "kind", "") or getattr(act, "milestone", "")
    if kind in process.evidence:
        return dict(process.evidence[kind].fields)
    return dict(process.milestones[kind][1].fields) if kind in process.milestones else {}


def _said(name: str) -> str:
    """`stage:offer#2` as people read it: the kind of the fact and its name."""
    return re.split(r"[@#\[]", name, maxsplit=1)[0].replace(":", " ", 1)


def _written(at: datetime) -> str:
    return at.isoformat()


def _shown(value: object) -> str:
    return "" if value is None else one_line(str(value))
