"""A process definition: the published, immutable form of a template that deals are pinned to."""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Literal, get_args

from pydantic import Field as Constrained
from pydantic import model_validator

from dealflow.domain.values.duration import Duration
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.language import LANGUAGES, Language, Worded
from dealflow.domain.values.money import Money
from dealflow.domain.values.text.spelling import normal_name

Identifier = Annotated[str, Constrained(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Name = Annotated[str, Constrained(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
Text = dict[str, str]  # locale -> wording, for example {"en": "Meeting"}

AUTHOR = "author"  # who recorded a piece; `distinct` may name it beside the fields
_WORD = re.compile(r"[A-Za-z_]\w*")
_DEAL_AMOUNT = re.compile(r"\bdeal\s*\.\s*amount\b")


class Side(StrEnum):
    """Whose act a piece of evidence is; only the customer's own acts break the customer's silence."""

    CUSTOMER = "customer"
    SELLER = "seller"
    THIRD = "third"


class FieldType(StrEnum):
    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    INSTANT = "instant"
    BOOLEAN = "boolean"
    ONE_OF = "one_of"
    PERSON = "person"
    PHONE = "phone"
    EMAIL = "email"
    URL = "url"


class Option(Frozen):
    """A choice of a `one_of` field: the id is recorded, the title is what people read."""

    id: str
    title: Text = {}

    @property
    def names(self) -> dict[str, str]:
        """All that a person may write for it, as it is compared and as the template has it."""
        return {normal_name(name).casefold(): name for name in (self.id, *self.title.values()) if name}

    @model_validator(mode="before")
    @classmethod
    def _written_short(cls, written: Any) -> Any:
        return {"id": written} if isinstance(written, str) else written


class Field(Frozen):
    """A typed field of evidence or of a milestone; `personal` values are stored encrypted.

    The bounds of a money field are amounts. A whole number there is minor units, as the first canonical form had it.
    """

    type: FieldType
    required: bool = True
    personal: bool = False
    min_length: int | None = None
    max_length: int | None = None
    at_least: int | Money | None = None
    at_most: int | Money | None = None
    options: tuple[Option, ...] = ()
    unique: Literal["customer", "everywhere"] | None = None
    title: Text = {}

    @cached_property
    def option_ids(self) -> tuple[str, ...]:
        """What may be recorded in a `one_of` field, in the author's order."""
        return tuple(option.id for option in self.options)

    def shown(self, value: object) -> str:
        """A recorded value as a reason carries it: an option with its title, anything else as text."""
        return next((Worded(option.id, option.title) for option in self.options if option.id == value), str(value))


def names_in(expression: str | None) -> frozenset[str]:
    """The words of a rule, among which are the fields that it reads."""
    return frozenset(_WORD.findall(expression or ""))


def reads_deal_amount(expression: str | None) -> bool:
    """Whether a rule or a threshold asks for the deal's amount."""
    return bool(expression and _DEAL_AMOUNT.search(expression))


class EvidenceKind(Frozen):
    """A kind of dated fact that may be recorded; a kind may serve no node and still break a silence."""

    id: Identifier
    title: Text = {}
    side: Side = Side.CUSTOMER
    fields: dict[str, Field] = {}

    def chosen(self, values: Mapping[str, object]) -> dict[str, Text]:
        """The wordings of the options that these values of fields are."""
        spec = self.fields.items()
        titles = (
            (name, option.title) for name, field in spec for option in field.options if option.id == values.get(name)
        )
        return {name: title for name, title in titles if title}


class Subtraction(Frozen):
    """What takes back: a sum subtracts `field` of every piece of the kind; its field `names` holds the piece it refunds."""

    evidence: str
    field: str
    names: str | None = None


class Sum(Frozen):
    """Instalments: the values of `field` less what takes back add up to at least `at_least`, a CEL expression."""

    field: str
    at_least: str
    subtract: tuple[Subtraction, ...] = ()

    @cached_property
    def reads_amount(self) -> bool:
        """Whether the threshold depends on the deal's amount."""
        return reads_deal_amount(self.at_least)


class Standard(Frozen):
    """What a node asks of evidence: either one kind with conditions, or a combination of standards.

    `latest`: of these kinds only the last piece counts. `distinct`: pieces with one value of this field, or one
    `author`, count once.
    """

    evidence: str | None = None
    where: str | None = None
    count: Annotated[int, Constrained(ge=1, le=1000)] = 1
    sum: Sum | None = None
    latest: tuple[str, ...] = ()
    distinct: str | None = None
    not_older_than: Duration | None = None
    says: Text = {}
    all_of: tuple["Standard", ...] = ()
    any_of: tuple["Standard", ...] = ()

    @cached_property
    def kind(self) -> str | None:
        """The kind that meets this standard: `evidence`, else the first of `latest`; None for a combination."""
        return self.evidence or next(iter(self.latest), None)

    @cached_property
    def kinds(self) -> frozenset[str]:
        """Every kind of evidence that can bear on this standard, for it or against it."""
        own = frozenset({self.kind} if self.kind else ())
        return own.union(self.against, *(part.kinds for part in self.parts))

    @cached_property
    def against(self) -> frozenset[str]:
        """The kinds whose pieces can open a node again: those that a sum subtracts, and those of `latest`."""
        subtracted = (each.evidence for each in self.sum.subtract) if self.sum else ()
        return frozenset((*subtracted, *self.latest)).union(*(part.against for part in self.parts))

    @cached_property
    def reads_amount(self) -> bool:
        """Whether the verdict depends on the deal's amount."""
        own = self.where_reads_amount or (self.sum is not None and self.sum.reads_amount)
        return own or any(part.reads_amount for part in self.parts)

    @cached_property
    def where_reads_amount(self) -> bool:
        """Whether the rule for each piece depends on it."""
        return reads_deal_amount(self.where)

    @cached_property
    def parts(self) -> tuple["Standard", ...]:
        """The standards that this one combines."""
        return (*self.all_of, *self.any_of)

    @cached_property
    def opposed(self) -> tuple["Standard", ...]:
        """Those that this one is or comes down to, and that evidence can speak against: sums, and those with `latest`."""
        if self.parts:
            return tuple(each for part in self.parts for each in part.opposed)
        return (self,) if self.sum or self.latest else ()


class Opens(Frozen):
    """A linked deal that follows from a node: a referral or a rebuy."""

    deal: Identifier
    process: Name | None = None
    customer_field: str | None = None


class DecisionNode(Frozen):
    """A point of the customer's decision process."""

    id: Identifier
    title: Text = {}
    optional: bool = False
    met_by: Identifier | None = None
    standard: Standard
    playbook: Text = {}
    opens: Opens | None = None


class Milestone(Frozen):
    """A landmark of the seller's own work; `leaves` marks those that leave a stage without required nodes."""

    id: Identifier
    title: Text = {}
    fields: dict[str, Field] = {}
    leaves: bool = False


class ClockLimit(Frozen):
    """How long a clock may run before it is a stall, and when it warns."""

    limit: Duration
    warn: Duration | None = None


ClockName = Literal["stage_age", "proof_lost"]  # customer_silence, seller_silence, next_step and gap join it


class Stage(Frozen):
    """A step of the sales process with the customer's nodes that belong to it."""

    id: Identifier
    title: Text = {}
    milestones: tuple[Milestone, ...] = ()
    nodes: tuple[DecisionNode, ...] = ()
    gate: Literal["nodes", "milestones", "both"] = "nodes"
    wins: bool = False
    back_to: tuple[Identifier, ...] = ()
    clocks: dict[ClockName, ClockLimit] = {}
    closes_after: Duration | None = None

    @cached_property
    def required_nodes(self) -> tuple[DecisionNode, ...]:
        return tuple(node for node in self.nodes if not node.optional)


Place = Literal["owner", "director", "superior"]


class Rung(Frozen):
    """A step of the ladder: who hears of a stall, how long after its deadline. `superior`: the director's own director."""

    after: Duration
    to: Annotated[tuple[Place, ...], Constrained(min_length=1)]
    high_risk: bool = False


class Ladder(Frozen):
    """Who is warned and who hears of a stall; rungs are in order of `after`."""

    warning: tuple[Place, ...] = ("owner",)
    rungs: Annotated[tuple[Rung, ...], Constrained(min_length=1)]


class DecisionRules(Frozen):
    """The deadline that a decision sets when none is given, and the farthest that may be given."""

    next_deadline: Duration = Duration(count=5, unit="working days")
    cap: Duration = Duration(count=60, unit="working days")


# What a template may keep from whoever owns a deal.
OwnersEnd = Literal["lose", "cancel"]
OWNERS_ENDS: tuple[OwnersEnd, ...] = get_args(OwnersEnd)


class LostReason(Frozen):
    id: Identifier
    title: Text = {}


class ProcessRef(Frozen):
    """A published version, by name, number and digest of its canonical form."""

    name: Name
    version: Annotated[int, Constrained(ge=1)]
    digest: str

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"


class ProcessDefinition(Frozen):
    """A whole template, references resolved and checked; the same content always has the same digest."""

    name: Name
    title: Text = {}
    currency: Annotated[str, Constrained(pattern=r"^[A-Z]{3}$")] = "CNY"
    calendar: str = "plain"
    languages: Annotated[tuple[Language, ...], Constrained(min_length=1)] = LANGUAGES
    evidence: dict[Identifier, EvidenceKind]
    stages: Annotated[tuple[Stage, ...], Constrained(min_length=1)]
    ladder: Ladder
    decisions: DecisionRules = DecisionRules()
    lost_reasons: tuple[LostReason, ...] = ()
    owner_may: tuple[OwnersEnd, ...] = OWNERS_ENDS

    @cached_property
    def kept_from_owner(self) -> frozenset[str]:
        """The acts that a template lets only those above do."""
        return frozenset(OWNERS_ENDS).difference(self.owner_may)

    @cached_property
    def stage_index(self) -> dict[str, int]:
        return {stage.id: index for index, stage in enumerate(self.stages)}

    @cached_property
    def nodes(self) -> dict[str, DecisionNode]:
        """All nodes in the customer's order."""
        return {node.id: node for stage in self.stages for node in stage.nodes}

    def bearing_on(self, kind: str) -> tuple[str, ...]:
        """The nodes that evidence of this kind can bear on, for them or against them."""
        return self._bearing.get(kind, ())

    @cached_property
    def _bearing(self) -> dict[str, tuple[str, ...]]:
        kinds = {kind for node in self.nodes.values() for kind in node.standard.kinds}
        return {kind: tuple(n.id for n in self.nodes.values() if kind in n.standard.kinds) for kind in kinds}

    @cached_property
    def passing(self) -> dict[str, tuple[str, ...]]:
        """Node -> the nodes that pass it when they are reached or waived: itself, and those along `met_by`."""
        found: dict[str, tuple[str, ...]] = {}
        for node_id in self.nodes:
            chain: dict[str, None] = {}
            current: str | None = node_id
            while current and current not in chain:
                chain[current] = None
                current = self.nodes[current].met_by if current in self.nodes else None
            found[node_id] = tuple(chain)
        return found

    @cached_property
    def unique_fields(self) -> dict[str, dict[str, Field]]:
        """The fields whose values may stand once, by kind of evidence; kinds without such are left out."""
        found = {kind.id: {n: f for n, f in kind.fields.items() if f.unique} for kind in self.evidence.values()}
        return {kind: fields for kind, fields in found.items() if fields}

    @cached_property
    def stage_of_node(self) -> dict[str, str]:
        return {node.id: stage.id for stage in self.stages for node in stage.nodes}

    @cached_property
    def milestones(self) -> dict[str, tuple[str, Milestone]]:
        """Milestone id -> (stage id, milestone)."""
        return {m.id: (stage.id, m) for stage in self.stages for m in stage.milestones}

    @cached_property
    def winning_index(self) -> int | None:
        return next((i for i, stage in enumerate(self.stages) if stage.wins), None)

    def stage(self, stage_id: str) -> Stage:
        return self.stages[self.stage_index[stage_id]]
