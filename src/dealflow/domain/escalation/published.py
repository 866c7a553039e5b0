"""Who is told that a version of a process was published: the directors whom it concerns, in one message each."""

from collections.abc import Iterable

from dealflow.domain.deal.events import ProcessPublished, Stamp
from dealflow.domain.escalation.notice import Notice, NoticeSubject, PublishedProcess, notice_key
from dealflow.domain.people.actor import Who
from dealflow.domain.people.answering import answering
from dealflow.domain.people.organisation import Organisation


def directors_concerned(owners: Iterable[str | None], organisation: Organisation) -> tuple[str, ...]:
    """The directors above these owners, where nobody is above them those who answer; every director where that is nobody."""
    directors = {person.id for person in organisation.directors}
    concerned: set[str] = set()
    for owner in owners:
        above = directors.intersection(person.id for person in organisation.above(owner))
        concerned |= above or directors.intersection(answering(owner, (), organisation).people)
    return tuple(sorted(concerned or directors))


def notices_of_publication(fact: ProcessPublished, stamp: Stamp, proposed_by: Who | None) -> tuple[Notice, ...]:
    """One to each recipient of the event; always the same ones for the same event."""
    ref = str(fact.process)
    published = PublishedProcess(
        process=ref,
        title=fact.title,
        by=stamp.on_behalf_of or stamp.actor,
        proposed_by=proposed_by.person if proposed_by else None,
    )
    subject = NoticeSubject(stage="", clock="", limit="", due_at=fact.effective_at, published=published)
    return tuple(
        Notice(
            key=notice_key(f"process:{ref}", "published", 0, person),
            recipient=person,
            kind="published",
            deal_id="",
            title=ref,
            subject=subject,
            created_at=stamp.recorded_at,
            command_id=stamp.command_id,
            correlation_id=stamp.correlation_id,
        )
        for person in fact.recipients
    )
