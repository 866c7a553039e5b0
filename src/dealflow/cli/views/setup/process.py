"""A published process as a person reads it: stages with their nodes, what evidence they ask for, clocks and ladder."""

from collections.abc import Sequence

from dealflow.application.processes.registry import ProcessInForce
from dealflow.application.reading.process import ProposedVersion, PublishedVersion
from dealflow.cli.output import print_json, reader, say
from dealflow.cli.tables import print_heading, print_pairs, print_table
from dealflow.cli.views.setup.process_outline import kinds_outline, outline
from dealflow.domain.values.phrase import Phrase, phrase
from dealflow.wording.terms import term


def print_versions(versions: Sequence[PublishedVersion], proposed: Sequence[ProposedVersion]) -> int:
    """Print every published version, oldest first, then what waits for a second person."""
    to = reader()
    if to.json:
        print_json(
            {
                "processes": [version.model_dump(mode="json") for version in versions],
                "proposed": [proposal.model_dump(mode="json") for proposal in proposed],
            }
        )
        return 0
    if not versions:
        say(to.t("Nothing is published yet; see `dealflow process publish`."))
        _print_proposed(proposed)
        return 0
    print_table(
        ("Process", "Title", "Published", "By", "Digest"),
        [
            (
                f"{one.process}@{one.version}",
                to.short("", one.title),
                to.time(one.published_at),
                _acted(one.published_by, one.published_for),
                one.digest[:8],
            )
            for one in versions
        ],
    )
    for one in versions:
        if one.wrong:
            say(_no_deal(one.wrong))
    seconded = [one for one in versions if one.proposed_by]
    if seconded:
        print_heading("Confirmed by a second person")
        print_table(
            ("Process", "Proposed", "By", "Confirmed by"),
            [
                (
                    f"{one.process}@{one.version}",
                    to.time(one.proposed_at) if one.proposed_at else "",
                    _acted(one.proposed_by or "", one.proposed_for),
                    _acted(one.published_by, one.published_for),
                )
                for one in seconded
            ],
            indent=2,
        )
    _print_proposed(proposed)
    return 0


def _acted(actor: str, lent: str | None) -> str:
    """Who did it, and for whom."""
    return reader().t("{actor} for {lent}", actor=actor, lent=lent) if lent else actor


def _print_proposed(proposed: Sequence[ProposedVersion]) -> None:
    if not proposed:
        return
    to = reader()
    print_heading("Proposed; a second person confirms with `dealflow process publish --confirm DIGEST`")
    for one in proposed:
        latest = f"{one.process}@{one.latest}" if one.latest else to.t("nothing")
        said = phrase(
            "{process}, by {by}, {at}; the latest version was then {latest}",
            process=one.process,
            by=_acted(one.proposed_by, one.proposed_for),
            at=to.time(one.proposed_at),
            latest=latest,
        )
        say(f"  {to.t(said)}")
        say(f"    {one.digest}")


def _no_deal(wrong: Phrase) -> Phrase:
    return phrase("No deal can be opened: {wrong}", wrong=wrong)


def print_process(process: ProcessInForce, wrong: Phrase) -> int:
    """Print one version; `wrong`: why no deal can be opened by it."""
    definition, to = process.definition, reader()
    if to.json:
        content = definition.model_dump(mode="json", exclude_defaults=True)
        print_json(
            {"process": str(process.ref), "digest": process.ref.digest, "wrong": to.t(wrong), "definition": content}
        )
        return 0
    deadline, cap = (
        to.length(str(length)) for length in (definition.decisions.next_deadline, definition.decisions.cap)
    )
    say(f"{process.ref}  {to.short('', definition.title)}")
    if wrong:
        say(_no_deal(wrong))
    print_pairs(
        [
            ("Digest", process.ref.digest),
            ("Calendar", definition.calendar),
            ("Currency", definition.currency),
            ("Deadline of a decision", to.t("{length}, at most {cap}", length=deadline, cap=cap)),
            ("Reasons for a loss", to.listed(to.title(one.id, one.title) for one in definition.lost_reasons)),
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
    rungs = [(to.t("warning"), to.listed(term("role", place) for place in ladder.warning), "")]
    rungs += [
        (
            to.length(str(rung.after)),
            to.listed(term("role", place) for place in rung.to),
            to.t("high risk") if rung.high_risk else "",
        )
        for rung in ladder.rungs
    ]
    print_table(("After", "Who hears of it", ""), rungs, indent=2)
    return 0
