"""`process list`: the published versions, who published each of them, and when; and what waits for a second person."""

from collections.abc import Sequence

from pydantic import AwareDatetime

from dealflow.application.processes.registry import Processes
from dealflow.domain.deal.events import ProcessPublished, Recorded
from dealflow.domain.process.definition import Text
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.phrase import NOTHING, Phrase


class PublishedVersion(Frozen):
    """One version of a process; `published_for` is the person with whose rights it was published.

    `proposed_by` is who had proposed it, and for whom, where a second person confirmed it: that is who published it.
    `wrong`: why no deal can be opened by it.
    """

    process: str
    version: int
    digest: str
    title: Text
    published_at: AwareDatetime
    published_by: str
    published_for: str | None = None
    wrong: Phrase = NOTHING
    proposed_at: AwareDatetime | None = None
    proposed_by: str | None = None
    proposed_for: str | None = None


class ProposedVersion(Frozen):
    """What waits for a second person; `latest` is the version of when it was proposed, or 0."""

    process: str
    digest: str
    title: Text
    latest: int
    proposed_at: AwareDatetime
    proposed_by: str
    proposed_for: str | None = None


def published_versions(processes: Processes) -> list[PublishedVersion]:
    """Every version of every process, by name, oldest first."""
    return [
        _version(recorded, fact, events, processes.seal_fault(recorded))
        for name in dict.fromkeys(ref.name for ref in processes.published())
        for events in [processes.publications(name)]
        for recorded in events
        if isinstance(fact := recorded.fact, ProcessPublished)
    ]


def proposed_versions(processes: Processes) -> list[ProposedVersion]:
    """What is proposed and waits, by process, oldest first."""
    return [
        ProposedVersion(
            process=fact.process,
            digest=fact.digest,
            title=fact.title,
            latest=fact.latest,
            proposed_at=event.stamp.recorded_at,
            proposed_by=event.stamp.actor,
            proposed_for=event.stamp.on_behalf_of,
        )
        for event, fact in processes.publishing.proposals()
    ]


def _version(recorded: Recorded, fact: ProcessPublished, events: Sequence[Recorded], wrong: Phrase) -> PublishedVersion:
    proposed = events[fact.proposal - 1].stamp if fact.proposal else None
    return PublishedVersion(
        process=fact.process.name,
        version=fact.process.version,
        digest=fact.process.digest,
        title=fact.title,
        published_at=recorded.stamp.recorded_at,
        published_by=recorded.stamp.actor,
        published_for=recorded.stamp.on_behalf_of,
        proposed_at=proposed.recorded_at if proposed else None,
        proposed_by=proposed.actor if proposed else None,
        proposed_for=proposed.on_behalf_of if proposed else None,
        wrong=wrong,
    )
