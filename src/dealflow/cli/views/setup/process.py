"""A published process as a person reads it: stages with their nodes, what evidence they ask for, clocks and ladder."""

from dealflow.application.processes.registry import Processes, ProcessInForce
from dealflow.cli.output import print_json, reader, say
from dealflow.cli.tables import print_heading, print_pairs, print_table
from dealflow.cli.views.setup.process_outline import kinds_outline, outline
from dealflow.domain.deal.events import ProcessPublished


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
    deadline, cap = (
        to.length(str(length)) for length in (definition.decisions.next_deadline, definition.decisions.cap)
    )
    say(f"{process.ref}  {to.short('', definition.title)}")
    print_pairs(
        [
            ("Digest", process.ref.digest),
            ("Calendar", definition.calendar),
            ("Currency", definition.currency),
            ("Deadline of a decision", to.t("{length}, at most {cap}").format(length=deadline, cap=cap)),
            ("Reasons for a loss", ", ".join(to.title(one.id, one.title) for one in definition.lost_reasons)),
        ],
        indent=2,
    )
    print_heading("Stages and decision nodes")
    for line in outline(definition):
        say(f"  {line}")
    print_heading("Evidence, with its fields (* required)")
    for line in kinds_outline(definition):
        say(f"  {line}")
    print_heading("Ladder of a stall")
    ladder = definition.ladder
    rungs = [(to.t("warning"), ", ".join(map(to.t, ladder.warning)), "")]
    rungs += [
        (to.length(str(rung.after)), ", ".join(map(to.t, rung.to)), to.t("high risk") if rung.high_risk else "")
        for rung in ladder.rungs
    ]
    print_table(("After", "Who hears of it", ""), rungs, indent=2)
    return 0
