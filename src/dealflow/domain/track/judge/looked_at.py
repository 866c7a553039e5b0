"""What standards look at in a piece of evidence: whether a change of it can matter, and whether it counts for its nodes."""

from collections.abc import Iterator

from dealflow.domain.deal.state import Closed, Deal, Evidence
from dealflow.domain.process.definition import AUTHOR, ProcessDefinition, Standard, names_in
from dealflow.domain.track.judge.pieces import same_value


def looks_the_same(evidence: Evidence, changed: Evidence, process: ProcessDefinition) -> bool:
    """Whether no node can tell the changed piece from the piece, in whichever of its versions."""
    standards = [node.standard for node in process.nodes.values() if evidence.kind in node.standard.kinds]
    if not standards:
        return True
    spec = process.evidence[evidence.kind].fields if evidence.kind in process.evidence else {}
    unique = [name for name, field in spec.items() if field.unique]

    def seen(version: Evidence) -> list[object]:
        return [*_values(version, unique), *(each for standard in standards for each in _seen(standard, version))]

    return all(seen(version) == seen(changed) for version in evidence.versions)


def _seen(standard: Standard, evidence: Evidence) -> Iterator[object]:
    """Every value that a verdict on this standard can depend on."""
    for part in standard.parts:
        yield from _seen(part, evidence)
    subtractions = standard.sum.subtract if standard.sum else ()
    if evidence.kind == standard.kind:
        names = [*names_in(standard.where), *(taken.names for taken in subtractions if taken.names)]
        names += [standard.sum.field] if standard.sum else []
        names += [standard.distinct] if standard.distinct not in (None, AUTHOR) else []
        yield from _values(evidence, sorted(names))
    for taken in subtractions:
        if evidence.kind == taken.evidence:
            yield from _values(evidence, [taken.field, *([taken.names] if taken.names else [])])
    if evidence.kind in standard.latest or (evidence.kind == standard.kind and standard.not_older_than):
        yield evidence.observed_at


def _values(evidence: Evidence, names: list[str]) -> Iterator[object]:
    yield from (same_value(evidence.fields.get(name)) for name in names)


def waits_to_count(evidence: Evidence, deal: Deal, process: ProcessDefinition) -> bool:
    """Whether a node that was opened again, or that a reopening of the closed deal would open, asks for it to be confirmed."""
    closed_at = deal.life.version if isinstance(deal.life, Closed) else 0
    return any(
        _asks_for(node.standard, evidence.kind)
        and evidence.counts_from <= max(closed_at, deal.node(node.id).open_since)
        for node in process.nodes.values()
    )


def _asks_for(standard: Standard, kind: str) -> bool:
    """Whether pieces of the kind can meet the standard; what takes back needs no confirmation to do so."""
    return standard.kind == kind or any(_asks_for(part, kind) for part in standard.parts)
