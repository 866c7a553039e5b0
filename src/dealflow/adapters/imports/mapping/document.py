"""The keys of a mapping: what may stand in it, and what each key is for; the reference and the editors' help come from here.

Each part is read by itself, so that a fault of one does not hide those of another. What a value may be, its own reader tells.
"""

from typing import Annotated, Any, Literal, get_args

from pydantic import Field, WithJsonSchema

from dealflow.adapters.files.file_model import FileModel
from dealflow.adapters.imports.mapping.apart import TEXT, Apart, object_of
from dealflow.adapters.imports.mapping.model import CLEARED
from dealflow.domain.deal.commands import ClaimedOutcome
from dealflow.domain.people.organisation import Role
from dealflow.domain.values.column.numbers import Rounding
from dealflow.domain.values.phrase import Phrase, phrase
from dealflow.domain.values.written.digits import DecimalMark

Take = Literal["first", "last"]
# An integrator is named with its kinds of evidence, which no table of people has.
ROLES = tuple(role for role in get_args(Role) if role != "integrator")
# In YAML a bare 7 or true is no text, and is read as what is written.
_WRITTEN: dict[str, Any] = {"type": ["string", "number", "boolean"]}
_PART: dict[str, Any] = {"enum": [*CLEARED, "all"]}
_TEXTS: dict[str, Any] = {"anyOf": [TEXT, {"type": "array", "items": TEXT}]}


class TextEntry(FileModel):
    """A text that is no column: a fixed one, or in an event log a cell of chosen events."""

    value: Annotated[Any, WithJsonSchema(_WRITTEN)] = Field(None, description="A fixed text")
    cell: Annotated[Any, WithJsonSchema(TEXT)] = Field(
        None, description="In the `deal` of an event log: the column or attribute of its events"
    )
    of: Annotated[Any, WithJsonSchema(_TEXTS)] = Field(
        None, description="The activities whose events are asked, each as under `values`; any when left out"
    )
    take: Take = Field("last", description="Which of the cells that are filled")

    @classmethod
    def called(cls, _name: str | None) -> Phrase:
        return phrase("the text")


class OpenedEntry(FileModel):
    """When a deal opened, where one column does not say it."""

    earliest: Annotated[Any, Apart(TextEntry, "or text")] = Field(
        None, description="The columns of which the earliest counts; in an event log the first event when left out"
    )
    of: Annotated[Any, WithJsonSchema(_TEXTS)] = Field(
        None, description="In an event log: the first event of these activities"
    )
    not_before: Annotated[Any, WithJsonSchema(TEXT)] = Field(
        None,
        description="A day before which nothing can have happened: what is dated earlier opens no deal, and is listed",
    )

    @classmethod
    def called(cls, _name: str | None) -> Phrase:
        return phrase("'{key}'", key="opened")


Word = Annotated[Any, WithJsonSchema(TEXT)]
Words = Annotated[Any, WithJsonSchema(_TEXTS)]
Filled = Annotated[Any, Apart(TextEntry, "or text")]
FilledByName = Annotated[Any, WithJsonSchema(object_of({}))]
WordByName = Annotated[Any, WithJsonSchema(object_of(_WRITTEN))]
WordsByName = Annotated[Any, WithJsonSchema(object_of({"anyOf": [_WRITTEN, {"type": "array", "items": _WRITTEN}]}))]
WordByNames = Annotated[Any, WithJsonSchema(object_of(object_of(_WRITTEN)))]


class EachEntry(FileModel):
    """A cell that holds a list: the fact is one fact for each part."""

    cell: Word = Field(description="The column; the fact's fields then read one part of it")
    split: Word = Field(",", description="What stands between the parts")

    @classmethod
    def called(cls, _name: str | None) -> Phrase:
        return phrase("'{key}'", key="each")


class FactEntry(FileModel):
    """What a record stands for: one of the kinds, and what belongs to it."""

    stage: Word = Field(None, description="A claim: the deal stands in this stage")
    outcome: Annotated[Any, WithJsonSchema({"enum": list(get_args(ClaimedOutcome))})] = Field(
        None, description="A claim: `won`, `lost` or `cancelled`"
    )
    evidence: Word = Field(
        None, description="Evidence of this kind, judged by the standards of the process like any other"
    )
    milestone: Word = Field(None, description="A milestone of the seller")
    activity: Word = Field(
        None, description="An act of the seller that proves nothing, in words; `{column}` in them is filled"
    )
    owner: Filled = Field(None, description="From then on the deal is this person's")
    amount: Filled = Field(
        None, description="From then on this is the deal's amount; beside `outcome: won` it is the amount of the win"
    )
    withdraw: Word = Field(None, description="The last piece of this kind of evidence is withdrawn")
    dispute: Word = Field(None, description="The last piece of this kind of evidence is disputed")
    correct: Word = Field(
        None, description="The last piece of this kind of evidence is corrected; `fields` are those that were wrong"
    )
    back: Word = Field(None, description="The deal goes back to this stage, and its nodes are open again")
    reopen: Word = Field(None, description="The closed deal is open again, in this stage")
    at: Filled = Field(
        None, description="The column that dates it, or `snapshot`; in an event log the event's own time when left out"
    )
    until: Filled = Field(
        None,
        description="With `stage`: the column that says when the deal left it. Where the next stage begins at another time, or"
        " none does, that is listed; an empty cell, or a day to come, says that the deal is there still",
    )
    filled: Words = Field(None, description="Only where this cell, or each of these, is filled")
    each: Annotated[Any, Apart(EachEntry, "or text")] = Field(
        None, description="A cell with a list in it, split at `,` or as its own keys say: one fact for each part"
    )
    reason: Filled = Field(
        None,
        description="Why: with `outcome` one of the process's reasons; with `withdraw`, `dispute`, `correct`, `back` and"
        " `reopen` a text, the value that chose the fact when left out",
    )
    fields: FilledByName = Field(None, description="The fields of evidence or of a milestone, each with its column")

    @classmethod
    def called(cls, _name: str | None) -> Phrase:
        return phrase("a fact")


class CustomerEntry(FileModel):
    """A customer whose name stands apart from the id."""

    id: Filled = Field(description="The id")
    name: Filled = Field(None, description="The name, which is personal")

    @classmethod
    def called(cls, _name: str | None) -> Phrase:
        return phrase("the customer")


class DealOfTrace(FileModel):
    """What a log says of the deal itself."""

    id: Filled = Field(None, description="The id; `case:concept:name` when left out in an event log")
    title: Filled = Field(None, description="What the deal is called; its id when left out")
    opened: Annotated[Any, Apart(OpenedEntry, "or text")] = Field(
        None, description="When it opened; its first event when left out in an event log"
    )
    owner: Filled = Field(None, description="Whose it is")
    customer: Annotated[Any, Apart(CustomerEntry, "or text")] = Field(
        None, description="The customer's id and name, or with keys of its own where they differ"
    )
    amount: Filled = Field(None, description="What it is worth")
    currency: Word = Field(
        None, description="Of the amounts: a code, or `'{column}'`; that of the process when left out"
    )
    attributes: FilledByName = Field(None, description="What else is kept of it, a column under each name")

    @classmethod
    def called(cls, _name: str | None) -> Phrase:
        return phrase("'{key}'", key="deal")


class DealOfRow(DealOfTrace):
    """What a row says of the deal itself."""

    id: Filled = Field(description="The id; `case:concept:name` when left out in an event log")
    opened: Annotated[Any, Apart(OpenedEntry, "or text")] = Field(
        description="When it opened; its first event when left out in an event log"
    )


class FactsOfRows(FileModel):
    """What the rows stand for."""

    by: Word = Field(None, description="The column whose value chooses the facts, or a text with columns in it")
    values: Annotated[Any, Apart(FactEntry, "by value")] = Field(
        None,
        description="The facts of each value. `*` in a value stands for anything, `else` is for all others, `''` is an empty"
        " cell",
    )
    every: Annotated[Any, Apart(FactEntry, "list")] = Field(None, description="Facts of every row")
    only: WordsByName = Field(
        None, description="Which rows or events are taken at all: a column with its value, or a list of values"
    )

    @classmethod
    def called(cls, _name: str | None) -> Phrase:
        return phrase("'{key}'", key="facts")


class FactsOfEvents(FileModel):
    """What the events stand for."""

    by: Word = Field("concept:name", description="The column or attribute that says what happened")
    values: Annotated[Any, Apart(FactEntry, "by value")] = Field(
        description="The facts of each value. `*` in a value stands for anything, `else` is for all others, `''` is an empty"
        " cell; `Call+complete` is one transition of an activity, `+complete` that of any"
    )
    every: Annotated[Any, Apart(FactEntry, "list")] = Field(None, description="Facts of every event beside these")
    transition: Word = Field("lifecycle:transition", description="Which step of the activity's life it is")
    at: Word = Field("time:timestamp", description="When it happened")
    resource: Word = Field("org:resource", description="Who did it: the author of evidence")
    only: WordsByName = FactsOfRows.model_fields["only"]
    changes_only: Annotated[Any, WithJsonSchema({"type": "boolean"})] = Field(
        default=False, description="A stage that is claimed again without another between is no new fact"
    )
    previous: Word = Field(
        None,
        description="The column with the value before: the stage in which a deal stood until its first event, inferred",
    )
    begins_in: Word = Field(
        None,
        description="The stage in which a deal stood from its opening to its first event, where no row says it; inferred",
    )

    @classmethod
    def called(cls, _name: str | None) -> Phrase:
        return phrase("'{key}'", key="facts")


class TableEntry(FileModel):
    """A file of which more than the name is to be said."""

    file: Word = Field(description="Its name")
    encoding: Word = Field("utf-8", description="How it is encoded, such as `gb18030`")
    delimiter: Word = Field(",", description="What stands between its cells, `tab` for a tabulator")

    @classmethod
    def called(cls, _name: str | None) -> Phrase:
        return phrase("a table")


class JoinEntry(FileModel):
    """Rows find their row of another table, whose columns are then `table.column`."""

    column: Word = Field(description="The column that names the row")
    to: Word = Field(description="`table.column`: where it stands there")
    optional: Annotated[Any, WithJsonSchema({"type": "boolean"})] = Field(
        default=False, description="A row that is not found there is no fault"
    )
    values: WordByName = Field(
        None, description="Corrections of the cell, for everything that reads it: `wrong: right`"
    )

    @classmethod
    def called(cls, _name: str | None) -> Phrase:
        return phrase("a join")


class SellersEntry(FileModel):
    """Where the sellers and their managers stand, for `--people`."""

    table: Word = Field(description="The table")
    person: Word = Field(description="The column with the person")
    manager: Word = Field(None, description="The column with the person's manager")
    region: Word = Field(None, description="The column with the region")
    role: Annotated[Any, WithJsonSchema({"enum": list(ROLES)})] = Field("seller", description="What the persons are")
    manager_role: Annotated[Any, WithJsonSchema({"enum": list(ROLES)})] = Field(
        "manager", description="What their managers are"
    )

    @classmethod
    def called(cls, _name: str | None) -> Phrase:
        return phrase("'{key}'", key="people")


class ColumnEntry(FileModel):
    """How one column is read; what is said here goes before what is said of all columns."""

    dates: Words = Field(None, description="Its forms of dates")
    decimal: DecimalMark | None = Field(None, description="Its decimal mark")
    empty: Words = Field(None, description="Words that stand in it where there is nothing")
    round: Rounding | None = Field(None, description="How its amounts are rounded")

    @classmethod
    def called(cls, _name: str | None) -> Phrase:
        return phrase("the column")


class _AnyMapping(FileModel):
    source: Word = Field(
        description="The name of the other system; with the deal's id it makes a fact the same fact on every import"
    )
    process: Word = Field(description="The published process of new deals: `maven-crm` (the latest), or `maven-crm@1`")
    corrections: WordByNames = Field(
        None, description="For a column, its wrong values with the right ones, before anything reads the cell"
    )
    dates: Words = Field(
        None,
        description="Forms of dates: `iso`, such as `'%d/%m/%Y'`, `java`, `excel-1900`, `excel-1904`, `epoch-seconds`,"
        " `epoch-millis`, `epoch-micros` or `epoch-nanos`; found from each column when left out",
    )
    decimal: DecimalMark | None = Field(
        None, description="The decimal mark of amounts and numbers; found from each column when left out"
    )
    empty: Words = Field(
        None,
        description="More words that stand in cells where there is nothing, beside `-`, `N/A`, `NULL` and the like",
    )
    round: Rounding | None = Field(
        None, description="How an amount with more decimals than its currency has is rounded; it is left out otherwise"
    )
    columns: Annotated[Any, Apart(ColumnEntry, "by name alone")] = Field(
        None, description="For a column, how it is read: `dates`, `decimal`, `empty`, `round`"
    )
    adds_to: Words = Field(
        None, description="Other sources whose deals these facts are added to, where the ids are the same"
    )

    cleared: Annotated[Any, WithJsonSchema({"anyOf": [_PART, {"type": "array", "items": _PART}]})] = Field(
        None,
        description="What an emptied cell takes away, on record: some of `owner`, `amount`, `customer`, `attributes` and"
        " `evidence`, or `all`; it stays and is listed when left out",
    )
    full: Annotated[Any, WithJsonSchema({"type": "boolean"})] = Field(
        None, description="The file holds every deal of the source: those on record that are gone are listed"
    )
    gone: Annotated[Any, WithJsonSchema({"const": "cancelled"})] = Field(
        None,
        description="What becomes of open deals that are gone from a full file: `cancelled`; they are listed when left out",
    )
    exported_at: Word = Field(
        None,
        description="When the source was exported: an older export that is read later changes nothing; the order of imports"
        " when left out",
    )

    @classmethod
    def called(cls, _name: str | None) -> Phrase:
        return phrase("the mapping")


class LogMappingDocument(_AnyMapping):
    """The mapping of an event log in XES: a trace is a deal."""

    zone: Word = Field("UTC", description="The zone of times without an offset")
    deal: Annotated[Any, Apart(DealOfTrace, "one")] = Field(None, description="What the log says of the deal itself")
    facts: Annotated[Any, Apart(FactsOfEvents, "one")] = Field(description="What its events stand for")


class CsvLogMappingDocument(LogMappingDocument):
    """The mapping of an event log in CSV: the rows with one id are a deal."""

    tables: Annotated[Any, Apart(TableEntry, "by name")] = Field(
        None, description="A name for each file, with the file; may be left out for one file with commas"
    )
    rows: Word = Field(None, description="The table with one row for each event")
    joins: Annotated[Any, Apart(JoinEntry, "list")] = Field(None, description="Which tables the rows find more in")


class TableMappingDocument(_AnyMapping):
    """The mapping of tables: a row is a deal."""

    zone: Word = Field(description="Where a date is 00:00")
    snapshot: Word = Field(
        None,
        description="When the files were taken; records without a date are dated here. The import's instant when left out",
    )
    tables: Annotated[Any, Apart(TableEntry, "by name")] = Field(description="A name for each file, with the file")
    rows: Word = Field(description="The table with one row for each deal")
    joins: Annotated[Any, Apart(JoinEntry, "list")] = Field(None, description="Which tables the rows find more in")
    deal: Annotated[Any, Apart(DealOfRow, "one")] = Field(description="What a row says of the deal itself")
    facts: Annotated[Any, Apart(FactsOfRows, "one")] = Field(description="What the rows stand for")
    people: Annotated[Any, Apart(SellersEntry, "one")] = Field(
        None, description="Where the sellers stand, for `--people`"
    )
