"""The stages of a process in lines: limits, gate, milestones, and each node with all that its standard asks."""

import re
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
    Sum,
)
from dealflow.domain.values.money import Money
from dealflow.wording.terms import term

_AMOUNT = re.compile(r'money\("([^"]*)"\)')


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
        yield to.t("{kind}, {side}", kind=to.title(kind.id, kind.title), side=term("side", kind.side.value))
        yield from (f"    {line}" for line in _fields(kind.fields, definition.currency))


def _fields(fields: dict[str, Field], currency: str) -> Iterator[str]:
    for name, field in fields.items():
        star = "*" if field.required else ""
        yield reader().t(
            "{name}: {value}", name=reader().title(name, field.title) + star, value=_field(field, currency)
        )


def _stage(stage: Stage, currency: str) -> Iterator[str]:
    to = reader()
    for name, clock in stage.clocks.items():
        said = to.t("{clock}: {limit}", clock=term("clock", name), limit=to.length(str(clock.limit)))
        if clock.warn:
            said = to.t("{said}, warned after {length}", said=said, length=to.length(str(clock.warn)))
        yield said
    if stage.closes_after:
        yield to.t("closes after {length}", length=to.length(str(stage.closes_after)))
    if stage.gate != "nodes":
        yield to.t("Gate: milestones" if stage.gate == "milestones" else "Gate: nodes and milestones")
    if stage.back_to:
        yield to.t("May go back to: {stages}", stages=stage.back_to)
    yield from (_milestone(milestone, currency) for milestone in stage.milestones)


def _milestone(milestone: Milestone, currency: str) -> str:
    to = reader()
    said = to.t("milestone {name}", name=to.title(milestone.id, milestone.title))
    said += f" [{to.t('leaves the stage')}]" if milestone.leaves else ""
    if not milestone.fields:
        return said
    return to.t("{name}: {value}", name=said, value=to.listed(_fields(milestone.fields, currency)))


def _node(node: DecisionNode) -> Iterator[str]:
    to = reader()
    marks = [to.t("optional")] if node.optional else []
    marks += [to.t("met by {node}", node=node.met_by)] if node.met_by else []
    yield f"- {to.title(node.id, node.title)}" + (f" [{to.listed(marks)}]" if marks else "")
    if node.standard.says:
        yield f"    {to.short('', node.standard.says)}"
    yield "    " + to.t("Asks for: {standard}", standard=_standard(node.standard))
    if node.playbook:
        yield "    " + to.t("Playbook: {advice}", advice=to.short("", node.playbook))
    if opens := node.opens:
        said = to.t("Opens a linked deal: {kind}", kind=opens.deal)
        if opens.process:
            said = to.t("{said}, process {process}", said=said, process=opens.process)
        if opens.customer_field:
            said = to.t("{said}, customer from the field {field}", said=said, field=opens.customer_field)
        yield f"    {said}"


def _standard(standard: Standard) -> str:
    """One kind with its conditions, or parts joined by `and` or `or`; a part that says more has it in brackets."""
    to = reader()
    if standard.all_of or standard.any_of:
        joint = to.t(" and ") if standard.all_of else to.t(" or ")
        return joint.join(_part(part) for part in (standard.all_of or standard.any_of))
    said = [(f"{standard.count} × " if standard.count > 1 else "") + (standard.kind or "")]
    said += [to.t("the last of {kinds}", kinds=standard.latest)] if standard.latest else []
    said += [to.t("where {rule}", rule=standard.where)] if standard.where else []
    said += [_sum(standard.sum)] if standard.sum else []
    said += [to.t("each {field} counts once", field=standard.distinct)] if standard.distinct else []
    if age := standard.not_older_than:
        said.append(to.t("at most {length} old when recorded", length=to.length(str(age))))
    return to.listed(said)


def _sum(whole: Sum) -> str:
    taken = "".join(f" - sum({each.evidence}.{each.field})" for each in whole.subtract)
    amount = _AMOUNT.fullmatch(whole.at_least)
    return f"sum({whole.field}){taken} >= {amount[1] if amount else whole.at_least}"


def _part(standard: Standard) -> str:
    said = _standard(standard)
    is_whole = standard.model_copy(update={"says": {}}) == Standard(evidence=standard.evidence, count=standard.count)
    return (said if is_whole else f"({said})") + (f" [{reader().short('', standard.says)}]" if standard.says else "")


def _field(field: Field, currency: str) -> str:
    to = reader()
    marks = []
    if field.min_length is not None:
        marks.append(to.counted("at least {n} character", "at least {n} characters", field.min_length))
    if field.max_length is not None:
        marks.append(to.counted("at most {n} character", "at most {n} characters", field.max_length))
    if field.at_least is not None:
        marks.append(to.t("at least {least}", least=_bound(field.at_least, field, currency)))
    if field.at_most is not None:
        marks.append(to.t("at most {most}", most=_bound(field.at_most, field, currency)))
    marks += [to.t("personal")] if field.personal else []
    marks += [to.t("unique" if field.unique == "everywhere" else "unique for a customer")] if field.unique else []
    options = [to.title(option.id, option.title) for option in field.options]
    said = "|".join(options) if options else field.type.value
    return to.t("{said} ({marks})", said=said, marks=marks) if marks else said


def _bound(bound: int | Money, field: Field, currency: str) -> str:
    if isinstance(bound, Money):
        return str(bound)
    return str(Money(minor=bound, currency=currency)) if field.type is FieldType.MONEY else f"{bound:,}"
