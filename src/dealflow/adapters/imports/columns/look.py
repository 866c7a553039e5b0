"""The typed columns of a source looked at as a whole before anything is written: a column is read by one form, or not at all."""

from collections.abc import Callable, Collection
from functools import reduce
from zoneinfo import ZoneInfo

from dealflow.adapters.files.located_yaml import Problems
from dealflow.adapters.imports.columns.read import ColumnForms, ColumnReader
from dealflow.adapters.imports.columns.typed import CellType, TypedColumn, typed_columns
from dealflow.adapters.imports.mapping.file import ImportInvalid
from dealflow.adapters.imports.mapping.model import ImportMapping, Template
from dealflow.application.imports.plans import ColumnProfile
from dealflow.domain.values.column.look import CellCount, Fit, NumberLook, ReadBy, SeenCell, TimeLook, Undecided
from dealflow.domain.values.phrase import Phrase, as_phrase, counted, phrase
from dealflow.domain.values.written.digits import DecimalMark

_SHOWN_FITS = 3
_SHOWN_FORMS = 3


class ColumnsLook:
    """Counts the cells of each typed column; of those that are `personal` nothing may be shown."""

    def __init__(self, mapping: ImportMapping, personal: Collection[str]) -> None:
        self.mapping = mapping
        self._personal = personal
        self._reader = ColumnReader(mapping, ColumnForms())
        self._columns = typed_columns(mapping)
        zone = ZoneInfo(mapping.zone)
        self._times: dict[str, TimeLook] = {}
        self._numbers: dict[str, NumberLook] = {}
        for key, column in self._columns.items():
            rule = mapping.rule_of(key)
            if CellType.TIME in column.types:
                self._times[key] = TimeLook(rule.dates, zone)
            if column.is_number:
                self._numbers[key] = NumberLook(
                    rule.decimal,
                    comma_groups=CellType.NUMBER not in column.types,
                    whole=CellType.WHOLE in column.types,
                )

    def add(self, cells: dict[str, str], place: str, only: Callable[[Template], bool] | None = None) -> None:
        """One record; `only` chooses among the columns, where the others were seen before."""
        self._reader.prepared(cells)
        for looks in (self._times, self._numbers):
            for key, look in looks.items():
                column = self._columns[key]
                if only is None or only(column.template):
                    text = column.template.fill(cells)
                    if text is None:
                        look.count.empty += 1
                        continue
                    for part in text.split(column.split) if column.split else (text,):
                        look.add(part.strip(), place)

    def forms(self, file: str) -> ColumnForms:
        """What each column is read by; ImportInvalid with every column that is not read by one form."""
        problems = Problems(self.mapping.file)
        times: dict[str, tuple[str, ...]] = {}
        marks: dict[str, DecimalMark] = {}
        for key, days in self._times.items():
            form = days.decided()
            if isinstance(form, ReadBy):
                times[key] = form.forms
            else:
                self._refuse(problems, file, key, form, "dates")
        for key, numbers in self._numbers.items():
            mark = numbers.decided()
            if isinstance(mark, ReadBy):
                marks[key] = mark.forms[0]
            else:
                self._refuse(problems, file, key, mark, "decimal")
        if problems.failed:
            raise ImportInvalid(sorted(problems.found, key=lambda problem: (problem.line, problem.column)))
        return ColumnForms(times, marks)

    def profiles(self, forms: ColumnForms) -> tuple[ColumnProfile, ...]:
        """What was seen of each column."""
        times = [self._profile(key, "time", forms.times.get(key, ()), look.count) for key, look in self._times.items()]
        numbers = [
            self._profile(key, self._number_type(self._columns[key]), (forms.marks[key],), look.count)
            for key, look in self._numbers.items()
        ]
        return (*times, *numbers)

    def _number_type(self, column: TypedColumn) -> str:
        return next(each for each in (CellType.AMOUNT, CellType.NUMBER, CellType.WHOLE) if each in column.types)

    def _profile(self, key: str, cell_type: str, forms: tuple[str, ...], count: CellCount) -> ColumnProfile:
        shown = tuple("" if self._is_hidden(key) else cell.value for cell in count.first_unread)
        return ColumnProfile(
            name=key,
            type=cell_type,
            read_by=forms,
            filled=count.filled,
            empty=count.empty,
            unread=count.unread,
            first_unread=shown,
        )

    def _is_hidden(self, key: str) -> bool:
        return any(part.name in self._personal for part in self._columns[key].template.columns)

    def _refuse(self, problems: Problems, file: str, key: str, found: Undecided, declare: str) -> None:
        template = self._columns[key].template
        place = (template.columns[0].line, template.columns[0].column)
        fits = [*found.declared, *(fit for fit in found.others if fit.cells)]
        fits = sorted(fits, key=lambda fit: -fit.cells)[:_SHOWN_FITS] if fits else []
        says: list[Phrase] = [_fit(fit, found.cells) for fit in fits]
        if not fits:
            says.append(counted("no form fits its {n:,} cell", "no form fits any of its {n:,} cells", found.cells))
        cells = found.two_ways or found.deciding
        where = [self._cell(key, cell) for cell in cells]
        named = {"file": file, "column": key[:60], "fits": _joined(says)}
        wrong = (
            phrase("{file}, column '{column}': {fits}; read in two ways: {cells}", **named, cells=_joined(where))
            if found.two_ways
            else phrase("{file}, column '{column}': {fits}; look at {cells}", **named, cells=_joined(where))
            if where
            else phrase("{file}, column '{column}': {fits}", **named)
        )
        problems.add(place, "column-form", wrong, self._advice(key, found, declare))

    def _cell(self, key: str, cell: SeenCell) -> Phrase:
        if self._is_hidden(key):
            return as_phrase(cell.place)
        return phrase("{place} '{value}'", place=cell.place, value=cell.value[:60])

    def _advice(self, key: str, found: Undecided, declare: str) -> Phrase:
        others = [fit for fit in found.others if fit.cells]
        whole = [fit for fit in others if fit.cells == found.cells]
        if not whole and declare == "dates" and sum(fit.cells for fit in others) == found.cells:
            # Each cell is read by one of them.
            whole = [Fit(tuple(form for fit in others for form in fit.forms), found.cells)]
        whole = whole or [fit for fit in others[:1] if not found.two_ways and not found.declared]
        if len(whole) == 1 and not found.two_ways:
            forms = whole[0].forms[:_SHOWN_FORMS]
            written = forms[0] if declare == "decimal" else f"[{', '.join(map(_quoted, forms))}]"
            return phrase(
                "write {what} in the mapping, for one column under columns: {column}",
                what=f"{declare}: {written}",
                column=key[:60],
            )
        return phrase(
            "say which one is meant: {what} for all columns, or under columns: {column}",
            what=f"{declare}:",
            column=key[:60],
        )


def _fit(fit: Fit, cells: int) -> Phrase:
    forms = " | ".join(fit.forms[:_SHOWN_FORMS])
    if fit.cells == cells:
        return counted("{forms} fits its {n:,} cell", "{forms} fits all {n:,} cells", cells, forms=forms)
    return phrase("{forms} fits {cells:,} of {all:,}", forms=forms, cells=fit.cells, all=cells)


def _joined(parts: list[Phrase]) -> Phrase:
    """The parts behind one another."""
    return reduce(lambda one, other: phrase("{one}; {other}", one=one, other=other), parts)


def _quoted(form: str) -> str:
    return f"'{form}'" if "%" in form else form
