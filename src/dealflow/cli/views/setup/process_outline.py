"""The stages of a process in lines: limits, gate, milestones, and each node with all that its standard asks."""

from collections.abc import Iterator

from dealflow.cli.output import reader
from dealflow.domain.process.definition import (
    DecisionNode,
    Field,
    FieldType,
    Milestone,
    ProcessDefinition,
    Stage,
    Standard,
)
from dealflow.domain.values.money import Money


def outline(definition: ProcessDefinition) -> Iterator[str]:
    """Every stage in order, with all that the template says of it."""
    to = reader()
    for number, stage in enumerate(definition.stages, start=1):
        wins = f" [{to.t('wins')}]" if stage.wins else ""
        yield f"{number} {to.title(stage.id, stage.title)}{wins}"
        yield from (f"    {line}" for line in _stage(stage, definition.currency))
        for node in stage.nodes:
            yield from (f"    {line}" for line in _node(node))


def kinds_outline(definition: ProcessDefinition) -> Iterator[str]:
    """Every kind of evidence with its fields, a star behind those that are required."""
    to = reader()
    for kind in definition.evidence.values():
        yield f"{to.title(kind.id, kind.title)}, {to.t(kind.side.value)}"
        yield from (f"    {line}" for line in _fields(kind.fields, definition.currency))


def _fields(fields: dict[str, Field], currency: str) -> Iterator[str]:
    for name, field in fields.items():
        yield f"{reader().title(name, field.title)}{'*' if field.required else ''}: {_field(field, currency)}"


def _stage(stage: Stage, currency: str) -> Iterator[str]:
    to = reader()
    for name, clock in stage.clocks.items():
        warned = ", " + to.t("warned after {length}").format(length=to.length(str(clock.warn))) if clock.warn else ""
        text = "{clock}: {limit}"
        yield to.t(text).format(clock=to.t(name), limit=to.length(str(clock.limit))) + warned
    if stage.closes_after:
        yield to.t("closes after {length}").format(length=to.length(str(stage.closes_after)))
    if stage.gate != "nodes":
        text = "Gate: milestones" if stage.gate == "milestones" else "Gate: nodes and milestones"
        yield to.t(text)
    if stage.back_to:
        yield to.t("May go back to: {stages}").format(stages=", ".join(stage.back_to))
    yield from (_milestone(milestone, currency) for milestone in stage.milestones)


def _milestone(milestone: Milestone, currency: str) -> str:
    to = reader()
    said = to.t("milestone {name}").format(name=to.title(milestone.id, milestone.title))
    said += f" [{to.t('leaves the stage')}]" if milestone.leaves else ""
    return f"{said}: {', '.join(_fields(milestone.fields, currency))}" if milestone.fields else said


def _node(node: DecisionNode) -> Iterator[str]:
    to = reader()
    marks = [to.t("optional")] if node.optional else []
    marks += [to.t("met by {node}").format(node=node.met_by)] if node.met_by else []
    yield f"- {to.title(node.id, node.title)}" + (f" [{', '.join(marks)}]" if marks else "")
    if node.standard.says:
        yield f"    {to.short('', node.standard.says)}"
    yield "    " + to.t("Asks for: {standard}").format(standard=_standard(node.standard))
    if node.playbook:
        yield "    " + to.t("Playbook: {text}").format(text=to.short("", node.playbook))
    if opens := node.opens:
        said = to.t("Opens a linked deal: {kind}").format(kind=opens.deal)
        said += to.t(", process {process}").format(process=opens.process) if opens.process else ""
        said += (
            to.t(", customer from the field {field}").format(field=opens.customer_field) if opens.customer_field else ""
        )
        yield f"    {said}"


def _standard(standard: Standard) -> str:
    """One kind with its conditions, or parts joined by `and` or `or`; a part that says more has it in brackets."""
    to = reader()
    if standard.all_of or standard.any_of:
        joint = to.t(" and ") if standard.all_of else to.t(" or ")
        return joint.join(_part(part) for part in (standard.all_of or standard.any_of))
    said = [(f"{standard.count} × " if standard.count > 1 else "") + (standard.evidence or "")]
    said += [to.t("where {rule}").format(rule=standard.where)] if standard.where else []
    said += [f"sum({standard.sum.field}) >= {standard.sum.at_least}"] if standard.sum else []
    if age := standard.not_older_than:
        said.append(to.t("at most {length} old when recorded").format(length=to.length(str(age))))
    return ", ".join(said)


def _part(standard: Standard) -> str:
    said = _standard(standard)
    is_whole = "," not in said and not (standard.all_of or standard.any_of)
    return (said if is_whole else f"({said})") + (f" [{reader().short('', standard.says)}]" if standard.says else "")


def _field(field: Field, currency: str) -> str:
    to = reader()
    marks = []
    for text, bound in (("at least {n} characters", field.min_length), ("at most {n} characters", field.max_length)):
        marks += [to.t(text).format(n=bound)] if bound is not None else []
    for text, bound in (("at least {n}", field.at_least), ("at most {n}", field.at_most)):
        marks += [to.t(text).format(n=_bound(bound, field, currency))] if bound is not None else []
    marks += [to.t("personal")] if field.personal else []
    said = "|".join(field.options) if field.options else field.type.value
    return f"{said} ({', '.join(marks)})" if marks else said


def _bound(bound: int, field: Field, currency: str) -> str:
    return str(Money(minor=bound, currency=currency)) if field.type is FieldType.MONEY else f"{bound:,}"
