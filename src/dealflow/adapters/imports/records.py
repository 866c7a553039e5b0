"""One record of another system, a name for each cell, becomes the dated acts of one deal."""

from collections.abc import Callable, Iterator
from collections.abc import Mapping as Cells
from datetime import datetime
from functools import cached_property

from dealflow.adapters.imports.acts import ActReader, RecordFault, columns
from dealflow.adapters.imports.mapping.model import FactRule, When, first
from dealflow.application.imports.plans import Dated, DealPlan, ImportFinding
from dealflow.domain.values.phrase import phrase
from dealflow.domain.values.text.spelling import Respelled, normal_id, normal_name, respelled

NOT_PADDED: Cells[str, str] = {}


class RecordReader(ActReader):
    """Applies a mapping to records, each of which is a whole deal."""

    @cached_property
    def _names(self) -> dict[str, tuple[Callable[[str], str], bool]]:
        """The columns of ids and names, with their forms, and whether what stands there is personal."""
        deal = self.mapping.deal
        forms = (
            (deal.title, normal_name, False),
            (deal.customer_name, normal_name, True),
            (deal.customer_id, normal_id, False),
            (deal.owner, normal_id, False),
            (deal.id, normal_id, False),
        )
        return {
            column.name: (form, is_personal)
            for choices, form, is_personal in forms
            for template in choices
            for column in template.columns
        }

    def plan(
        self,
        cells: Cells[str, str],
        file: str,
        row: int,
        findings: tuple[ImportFinding, ...] = (),
        padded: Cells[str, str] = NOT_PADDED,
    ) -> DealPlan:
        """The plan of one record; RecordFault when it cannot be used. `padded` are cells as they stand in the file."""
        self.respelled = {}
        deal_id = self.deal_id(cells)
        rules = self._rules(cells)
        place = f"{file}:{row}"
        opened = self.mapping.deal.opened
        opened_at = self.at(opened, cells, "opened")
        acts: list[Dated] = [(opened_at, self.opening(cells, place, opened_at, _dated(opened, cells, "open")))]
        author = self.line(self.mapping.deal.owner, cells, normal_id)
        for number, rule in enumerate(rules):
            at = self.at(rule.at, cells, rule.kind)
            if at < opened_at:
                raise RecordFault(
                    columns(rule.at),
                    phrase(
                        "{at} lies before the deal opened ({opened_at})",
                        at=format(at, "%Y-%m-%d"),
                        opened_at=format(opened_at, "%Y-%m-%d"),
                    ),
                )
            same = sum(other.kind == rule.kind and other.name == rule.name for other in rules[:number])
            what = f"{rule.kind}:{rule.name}" + (f"#{same + 1}" if same else "")
            dated = _dated(rule.at, cells, what)
            act = self.act(rule, cells, place=place, deal_id=deal_id, at=at, what=what, author=author, dated=dated)
            acts.append((at, act))
        acts.sort(key=lambda act: act[0])
        return DealPlan(deal_id, file, row, tuple(acts), findings, tuple(self._changed(padded)))

    def _changed(self, padded: Cells[str, str]) -> Iterator[Respelled]:
        """What was changed in the record, the blanks around its cells included; they have been taken off already."""
        with_blanks = self._names.keys() & padded.keys()
        yield from (change for change in self.respelled if change.place not in with_blanks)
        for name in with_blanks:
            form, is_personal = self._names[name]
            if change := respelled(name, padded[name], form(padded[name]), personal=is_personal):
                yield change

    def instants(self, cells: Cells[str, str]) -> Iterator[datetime]:
        """Every instant that this record names, as written, whatever else is wrong with it."""
        whens = [
            self.mapping.deal.opened,
            *(rule.at for rule in self.mapping.facts.get(normal_name(cells[self.mapping.by.name]), ())),
        ]
        for when in whens:
            if (word := first(when.choices, cells)) is not None:
                try:
                    yield self.instant(word, "")
                except RecordFault:
                    continue

    def _rules(self, cells: Cells[str, str]) -> tuple[FactRule, ...]:
        value = self.facts_named(cells.get(self.mapping.by.name, ""))
        rules = self.mapping.facts.get(value)
        if rules is None:
            raise self.unknown(value)
        return rules


def _dated(when: When, cells: Cells[str, str], what: str) -> str | None:
    """What a change of the date is known by; a date taken from the snapshot is none of the record's own."""
    word = first(when.choices, cells)
    return f"{what} {word}" if word is not None else None
