"""One record of another system, a name for each cell, becomes the dated acts of one deal; tables and event logs share it."""

import re
from collections.abc import Iterator
from collections.abc import Mapping as Cells
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from zoneinfo import ZoneInfo

from dealflow.adapters.imports.mapping import ISO, Choices, FactRule, Mapping, When, first
from dealflow.application.import_keys import fact_key
from dealflow.application.import_plans import Dated, DealPlan, Finding, Shift
from dealflow.domain import commands as c
from dealflow.domain.events import Customer, Origin
from dealflow.domain.money import Money, parse_money

MAX_TEXT = 300
_DEAL_ID = re.compile(r"^[^\s/\x00-\x1f][^/\x00-\x1f]{0,119}$")
_PERSON_ID = re.compile(r"^[^\s/\x00-\x1f][^/\x00-\x1f]{0,79}$")


class RecordFault(Exception):
    """Why a record cannot be used: the column that is to blame, what is wrong, and the nearest right word."""

    unknown_value = False

    def __init__(self, field: str, reason: str, value: str = "") -> None:
        self.field, self.reason, self.value = field, reason, value
        self.suggestion: str | None = None
        super().__init__(f"{field}: {reason}")


class RecordReader:
    """Applies a mapping to records; `now` is the import's own instant, behind which nothing can have happened."""

    def __init__(self, mapping: Mapping, now: datetime, shift: Shift | None = None) -> None:
        self.mapping = mapping
        self.now = now
        self.zone = ZoneInfo(mapping.zone)
        self.days = timedelta(days=shift.days if shift else 0)
        self.snapshot = shift.snapshot if shift else mapping.snapshot or now
        self._read: dict[str, datetime] = {}

    def plan(self, cells: Cells[str, str], file: str, row: int, findings: tuple[Finding, ...] = ()) -> DealPlan:
        """The plan of one record; RecordFault when it cannot be used."""
        deal_id = self._deal_id(cells)
        rules = self._rules(cells)
        place = f"{file}:{row}"
        opened_at = self._at(self.mapping.deal.opened, cells, "opened")
        acts: list[Dated] = [(opened_at, self._opening(cells, place, opened_at))]
        for number, rule in enumerate(rules):
            at = self._at(rule.at, cells, rule.kind)
            if at < opened_at:
                raise RecordFault(
                    _columns(rule.at), f"{at:%Y-%m-%d} lies before the deal opened ({opened_at:%Y-%m-%d})"
                )
            same = sum(other.kind == rule.kind and other.name == rule.name for other in rules[:number])
            acts.append((at, self._act(rule, cells, place, deal_id, at, same)))
        acts.sort(key=lambda act: act[0])
        return DealPlan(deal_id, file, row, tuple(acts), findings)

    def instants(self, cells: Cells[str, str]) -> Iterator[datetime]:
        """Every instant that this record names, as written, whatever else is wrong with it."""
        whens = [
            self.mapping.deal.opened,
            *(rule.at for rule in self.mapping.facts.get(cells[self.mapping.by.name], ())),
        ]
        for when in whens:
            if (word := first(when.choices, cells)) is not None:
                try:
                    yield self._instant(word, "")
                except RecordFault:
                    continue

    def _deal_id(self, cells: Cells[str, str]) -> str:
        choices = self.mapping.deal.id
        deal_id = first(choices, cells)
        if deal_id is None:
            raise RecordFault(_named(choices), "the deal has no id")
        if not _DEAL_ID.match(deal_id):
            raise RecordFault(_named(choices), "not an id: up to 120 characters on one line, without /", deal_id)
        return deal_id

    def _rules(self, cells: Cells[str, str]) -> tuple[FactRule, ...]:
        value = cells.get(self.mapping.by.name, "")
        rules = self.mapping.facts.get(value)
        if rules is None:
            reason = "the mapping does not know this value" if value else "the cell is empty"
            fault = RecordFault(self.mapping.by.name, reason, value)
            fault.suggestion = next(iter(get_close_matches(value, list(self.mapping.facts), n=1)), None)
            fault.unknown_value = bool(value)
            raise fault
        return rules

    def _opening(self, cells: Cells[str, str], place: str, opened_at: datetime) -> c.OpenDeal:
        deal, source = self.mapping.deal, self.mapping.source
        owner = self._line(deal.owner, cells)
        if owner is not None and not _PERSON_ID.match(owner):
            raise RecordFault(_named(deal.owner), "not a person's id: up to 80 characters, without /", owner)
        customer_id = self._line(deal.customer_id, cells)
        name = self._line(deal.customer_name, cells)
        customer = Customer(id=customer_id, name=name) if customer_id is not None else None
        title = self._line(deal.title, cells) or first(deal.id, cells) or ""
        amount = self._money(deal.amount, cells)
        attributes = {key: text for key, choices in deal.attributes.items() if (text := self._line(choices, cells))}
        key = fact_key(
            source,
            "open",
            title=title,
            owner=owner,
            customer=customer_id,
            amount=amount,
            attributes=attributes,
            dated=_dated(deal.opened, cells, "open"),
        )
        return c.OpenDeal(
            title=title,
            process=self.mapping.process.ref,
            owner=owner,
            customer=customer,
            amount=amount,
            attributes=attributes,
            opened_at=opened_at,
            origin=Origin(source=source, row=place, key=key),
        )

    def _act(
        self, rule: FactRule, cells: Cells[str, str], place: str, deal_id: str, at: datetime, same: int
    ) -> c.Command:
        what = f"{rule.kind}:{rule.name}" + (f"#{same + 1}" if same else "")
        amount = self._money(rule.amount, cells)
        source = self.mapping.source
        origin = Origin(
            source=source, row=place, key=fact_key(source, what, amount=amount, dated=_dated(rule.at, cells, what))
        )
        fields = {name: text for name, choices in rule.fields.items() if (text := first(choices, cells))}
        match rule.kind:
            case "stage":
                return c.ClaimStage(stage=rule.name, observed_at=at, origin=origin)
            case "outcome":
                reason = rule.reason or "not_given"
                outcome = {
                    "outcome": rule.name,
                    "observed_at": at,
                    "amount": amount,
                    "reason": reason,
                    "origin": origin,
                }
                return c.ClaimOutcome.model_validate(outcome)
            case "evidence":
                evidence_id = f"{source}:{deal_id}:{what.partition(':')[2]}"
                author = self._line(self.mapping.deal.owner, cells) or "unknown"
                return c.RecordEvidence(
                    evidence_id=evidence_id, kind=rule.name, fields=fields, observed_at=at, author=author, origin=origin
                )
            case "milestone":
                return c.RecordMilestone(milestone=rule.name, fields=fields, observed_at=at, origin=origin)
            case "activity":
                return c.RecordActivity(what=rule.name, observed_at=at, origin=origin)

    def _at(self, when: When, cells: Cells[str, str], what: str) -> datetime:
        word = first(when.choices, cells)
        if word is None and not when.or_snapshot:
            raise RecordFault(_columns(when), f"the cell is empty; it dates '{what}'")
        at = self.snapshot if word is None else self._instant(word, _columns(when)) + self.days
        if at > self.now:
            raise RecordFault(_columns(when), f"{at.isoformat(timespec='minutes')} lies in the future", word or "")
        return at

    def _instant(self, word: str, field: str) -> datetime:
        known = self._read.get(word)
        if known is None:
            known = self._parsed(word, field)
            if len(self._read) < 50_000:  # the days of a century
                self._read[word] = known
        return known

    def _parsed(self, word: str, field: str) -> datetime:
        for written in self.mapping.dates:
            try:
                read = datetime.fromisoformat(word) if written == ISO else datetime.strptime(word, written)  # noqa: DTZ007
                aware = read if read.tzinfo else read.replace(tzinfo=self.zone)
                at = aware.astimezone(UTC)
            except (ValueError, OverflowError):
                continue
            if 1970 <= at.year < 9990:
                return at
        forms = " or ".join("a date such as 2017-03-01" if form == ISO else form for form in self.mapping.dates)
        raise RecordFault(field, f"not {forms}", word)

    def _line(self, choices: Choices, cells: Cells[str, str]) -> str | None:
        text = first(choices, cells)
        if text is None:
            return None
        if "\n" in text or "  " in text or "\t" in text:
            text = " ".join(text.split())
        if len(text) > MAX_TEXT:
            raise RecordFault(_named(choices), f"{len(text):,} characters, at most {MAX_TEXT}", text)
        return text

    def _money(self, choices: Choices, cells: Cells[str, str]) -> Money | None:
        word = first(choices, cells)
        if word is None:
            return None
        currency = first(self.mapping.deal.currency, cells) or self.mapping.process.definition.currency
        try:
            return parse_money(word, currency)
        except ValueError as error:
            raise RecordFault(_named(choices), str(error), word) from error


def _dated(when: When, cells: Cells[str, str], what: str) -> str | None:
    """What a change of the date is known by; a date taken from the snapshot is none of the record's own."""
    word = first(when.choices, cells)
    return f"{what} {word}" if word is not None else None


def _named(choices: Choices) -> str:
    """The columns of a text, for whoever has to look at them."""
    return ", ".join(dict.fromkeys(column.name for template in choices for column in template.columns))


def _columns(when: When) -> str:
    return _named(when.choices) or "snapshot"
