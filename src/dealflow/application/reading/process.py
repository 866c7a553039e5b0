"""`process list`: the published versions, who published each of them, and when."""

from pydantic import AwareDatetime

from dealflow.application.processes.registry import Processes
from dealflow.domain.deal.events import ProcessPublished
from dealflow.domain.process.definition import Text
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.phrase import NOTHING, Phrase


class PublishedVersion(Frozen):
    """One version of a process; `published_for` is the person with whose rights it was published.

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


def published_versions(processes: Processes) -> list[PublishedVersion]:
    """Every version of every process, by name, oldest first."""
    return [
        PublishedVersion(
            process=fact.process.name,
            version=fact.process.version,
            digest=fact.process.digest,
            title=fact.title,
            published_at=recorded.stamp.recorded_at,
            published_by=recorded.stamp.actor,
            published_for=recorded.stamp.on_behalf_of,
            wrong=processes.seal_fault(recorded),
        )
        for name in dict.fromkeys(ref.name for ref in processes.published())
        for recorded in processes.publications(name)
        if isinstance(fact := recorded.fact, ProcessPublished)
    ]
