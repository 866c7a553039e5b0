"""A published process as a person reads it: stages with their nodes, what evidence they ask for, clocks and ladder."""

from collections.abc import Iterator

from dealflow.application.processes import Processes, ProcessInForce
from dealflow.cli.output import print_json, reader, say
from dealflow.cli.tables import print_heading, print_pairs, print_table
from dealflow.domain.events import ProcessPublished
from dealflow.domain.process import Field, ProcessDefinition, Stage, Standard


def print_versions(processes: Processes) -> int:
    """Print every published version, oldest first."""
    names = dict.fromkeys(ref.name for ref in processes.published())
    rows = [
        (fact, recorded.stamp)
        for name in names
        for recorded in processes.publications(name)
        if isinstance(fact := recorded.fact, ProcessPublished)
    ]
    if reader().json:
        versions = [
            {
                "process": fact.process.name,
                "version": fact.process.version,
                "digest": fact.process.digest,
                "title": fact.title,
                "published_at": stamp.recorded_at,
                "published_by": stamp.actor,
            }
            for fact, stamp in rows
        ]
        print_json({"processes": versions})
        return 0
    if not rows:
        say(reader().t("Nothing is published yet; see `dealflow process publish`."))
        return 0
    print_table(
        ("Process", "Title", "Published", "By", "Digest"),
        [
            (
                fact.process,
                reader().short("", fact.title),
                reader().time(stamp.recorded_at),
                stamp.actor,
                fact.process.digest[:12],
            )
            for fact, stamp in rows
        ],
    )
    return 0


def print_process(process: ProcessInForce) -> int:
    """Print one version."""
    definition, to = process.definition, reader()
    if to.json:
        content = definition.model_dump(mode="json", exclude_defaults=True)
        print_json({"process": str(process.ref), "digest": process.ref.digest, "definition": content})
        return 0
    say(f"{process.ref}  {to.short('', definition.title)}")
    print_pairs(
        [
            ("Digest", process.ref.digest),
            ("Calendar", definition.calendar),
            ("Currency", definition.currency),
            ("Reasons for a loss", ", ".join(to.title(one.id, one.title) for one in definition.lost_reasons)),
        ],
        indent=2,
    )
    print_heading("Stages and decision nodes")
    print_table(("Stage", "Decision node", "Standard", "Limits"), _stages(definition), indent=2)
    print_heading("Milestones")
    milestones = [
        (stage.id, to.title(one.id, one.title), _fields(one.fields))
        for stage in definition.stages
        for one in stage.milestones
    ]
    print_table(("Stage", "Milestone", "Fields"), milestones, indent=2)
    print_heading("Evidence")
    kinds = [
        (to.title(one.id, one.title), to.t(one.side.value), _fields(one.fields)) for one in definition.evidence.values()
    ]
    print_table(("Kind", "Side", "Fields (* required)"), kinds, indent=2)
    print_heading("Ladder of a stall")
    rungs = [
        (f"{rung.after}", ", ".join(to.t(place) for place in rung.to), to.t("high risk") if rung.high_risk else "")
        for rung in definition.ladder.rungs
    ]
    print_table(("After", "Who hears of it", ""), rungs, indent=2)
    return 0


def _stages(definition: ProcessDefinition) -> Iterator[tuple[str, str, str, str]]:
    to = reader()
    for number, stage in enumerate(definition.stages, start=1):
        said = f"{number} {to.title(stage.id, stage.title)}"
        limits = _limits(stage)
        if not stage.nodes:
            yield said, "", "", limits
        for node in stage.nodes:
            marks = [to.t("optional")] if node.optional else []
            marks += [to.t("met by {node}").format(node=node.met_by)] if node.met_by else []
            name = to.title(node.id, node.title) + (f" [{', '.join(marks)}]" if marks else "")
            yield said, name, _standard(node.standard), limits
            said = limits = ""


def _limits(stage: Stage) -> str:
    to = reader()
    said = [f"{to.t(name)} {clock.limit}" for name, clock in stage.clocks.items()]
    said += [to.t("wins")] if stage.wins else []
    said += [to.t("closes after {length}").format(length=stage.closes_after)] if stage.closes_after else []
    return ", ".join(said)


def _standard(standard: Standard) -> str:
    to = reader()
    if standard.says:
        return to.short("", standard.says)
    if standard.all_of or standard.any_of:
        joint = to.t(" and ") if standard.all_of else to.t(" or ")
        return joint.join(_standard(part) for part in (standard.all_of or standard.any_of))
    said = [standard.evidence or ""]
    said += [f"({standard.where})"] if standard.where else []
    said += [f"× {standard.count}"] if standard.count > 1 else []
    said += [f"sum({standard.sum.field}) >= {standard.sum.at_least}"] if standard.sum else []
    return " ".join(said)


def _fields(fields: dict[str, Field]) -> str:
    return ", ".join(f"{name}{'*' if field.required else ''}: {_type(field)}" for name, field in fields.items())


def _type(field: Field) -> str:
    said = "|".join(field.options) if field.options else field.type.value
    return f"{said} ({reader().t('personal')})" if field.personal else said
