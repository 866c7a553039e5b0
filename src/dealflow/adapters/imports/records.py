"""One record of another system, a name for each cell, becomes the dated acts of one deal."""

from collections.abc import Callable, Iterator
from collections.abc import Mapping as Cells
from datetime import datetime
from functools import cached_property

from dealflow.adapters.imports.acts import ActReader, DatedAs
from dealflow.adapters.imports.cells import before_opening
from dealflow.adapters.imports.faults import RecordFault, columns, cost_of
from dealflow.adapters.imports.mapping.model import FactRule, When, filled, first
from dealflow.adapters.imports.pieces import Said, in_order, left_otherwise, parts_of
from dealflow.application.imports.plans import DealPlan, EarlyDate, ImportFinding, Reject
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
        cells: dict[str, str],
        file: str,
        row: int,
        findings: tuple[ImportFinding, ...] = (),
        padded: Cells[str, str] = NOT_PADDED,
    ) -> DealPlan:
        """The plan of one record; RecordFault when it cannot be used. `padded` are cells as they stand in the file.

        A fact that cannot be used is rejected, and the others are taken in.
        """
        self.respelled = {}
        self.left_out.clear()
        self.columns.prepared(cells)
        deal_id = self.deal_id(cells)
        rules = self._rules(cells)
        place = f"{file}:{row}"
        opened = self.mapping.deal.opened
        opened_at = self.opened_at(cells)
        opening = self.opening(cells, place, opened_at, self._dated(opened, cells, "open", opened_at))
        said = [Said((opened_at, opening), None)]
        early: list[EarlyDate] = []
        author = opening.owner
        rejects: list[Reject] = []

        def rejected(fault: RecordFault) -> None:
            rejects.append(self.rejected(fault, file, row, deal_id=deal_id, costs="fact"))

        for number, rule in enumerate(rules):
            same = sum(other.kind == rule.kind and other.name == rule.name for other in rules[:number])
            for part, suffix in parts_of(rule, cells):
                what = f"{rule.kind}:{rule.name}" + (f"#{same + 1}" if same else "") + suffix
                try:
                    at = self.at(rule.at, cells, rule.kind)
                    dated = self._dated(rule.at, cells, what, at)
                    if self.opened_early(at):
                        early.append(
                            EarlyDate(
                                deal_id=deal_id, file=file, row=row, what=columns(rule.at), at=at, opened_at=opened_at
                            )
                        )
                    elif at < opened_at and not self.is_of_the_opening_day(at, opened_at):
                        raise before_opening(rule.at, cells)
                    at = self.claimed(rule, cells, at, opened_at)
                    act = self.act(
                        rule, part, place=place, deal_id=deal_id, at=at, what=what, author=author, dated=dated
                    )
                except RecordFault as fault:
                    rejected(fault)
                    continue
                said.append(Said((at, act), rule, left_at=self.left_at(rule, part)))
        self.left_out += [self.doubt_of(one.rule, why, cells) for one, why in left_otherwise(said)]
        acts, without = in_order(said)
        for one in without:
            rejected(RecordFault(columns(one.said.rule.at) if one.said.rule else "", one.reason))
        rejects += [self.rejected(fault, file, row, deal_id=deal_id, costs=cost_of(fault)) for fault in self.left_out]
        return DealPlan(
            deal_id,
            file,
            row,
            tuple(acts),
            findings,
            tuple(self._changed(padded)),
            early=tuple(early),
            adds_to=self.mapping.adds_to,
            export=self.export,
            rejects=tuple(dict.fromkeys(rejects)),
        )

    def _dated(self, when: When, cells: Cells[str, str], what: str, at: datetime) -> DatedAs | None:
        """What a change of the date is known by; a date taken from the snapshot is none of the record's own."""
        word = first(when.choices, cells)
        return None if word is None else DatedAs(f"{what} {word}", f"{at - self.days:%Y%m%dT%H%M%S.%f}")

    def _changed(self, padded: Cells[str, str]) -> Iterator[Respelled]:
        """What was changed in the record, the blanks around its cells included; they have been taken off already."""
        with_blanks = self._names.keys() & padded.keys()
        yield from (change for change in self.respelled if change.place not in with_blanks)
        for name in with_blanks:
            form, is_personal = self._names[name]
            if change := respelled(name, padded[name], form(padded[name]), personal=is_personal):
                yield change

    def instants(self, cells: dict[str, str]) -> Iterator[datetime]:
        """Every instant that this record names, as written, whatever else is wrong with it."""
        self.columns.prepared(cells)
        rules = self.mapping.facts.get(self.chosen.key_of(self.value_by(cells)) or "", ())
        whens = [self.mapping.deal.opened, *(rule.at for rule in (*self.mapping.every, *rules))]
        for when in whens:
            if (given := filled(when.choices, cells)) is not None:
                try:
                    yield self.instant(given)
                except RecordFault:
                    continue

    def _rules(self, cells: Cells[str, str]) -> tuple[FactRule, ...]:
        every, facts = self.mapping.every, self.mapping.facts
        if not facts:
            return every
        value = self.value_by(cells)
        key = self.chosen.key_of(value)
        if key is None:
            raise self.unknown(value)
        return (*every, *facts[key])
