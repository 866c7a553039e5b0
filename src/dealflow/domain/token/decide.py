"""Command + token -> fact, or a refusal: every command to a token passes here."""

from datetime import datetime, timedelta

from dealflow.domain.deal import events as e
from dealflow.domain.decide import checks
from dealflow.domain.decide.permission import must_act_as, must_be_permitted_in_store, must_let_come
from dealflow.domain.people.actor import Who
from dealflow.domain.people.answering import answering_in_store
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.people.sight import sees_all
from dealflow.domain.token import commands as c
from dealflow.domain.token.secret import WrittenToken
from dealflow.domain.token.state import KnownToken
from dealflow.domain.values.duration import Duration, Unit
from dealflow.domain.values.phrase import phrase
from dealflow.domain.values.refusal import Code, refuse

USUAL = timedelta(days=90)
LONGEST = timedelta(days=366)
_CAP = str(Duration(count=LONGEST.days, unit=Unit.DAYS))


def decide_new_token(
    command: c.CreateToken, made: WrittenToken, who: Who, organisation: Organisation, at: datetime
) -> e.TokenCreated:
    """The token that was made, as it is put on record; CommandRefused, and nobody has it."""
    must_be_let_create(command, who, organisation)
    return e.TokenCreated(
        effective_at=at,
        token_id=made.id,
        person=command.person,
        label=checks.note(command.label, "label", most=checks.MAX_LINE),
        digest=made.digest,
        only=tuple(sorted(set(command.only))),
        expires_at=_end(command, at),
    )


def decide_revoked(
    command: c.RevokeToken, known: KnownToken, who: Who, organisation: Organisation, at: datetime
) -> e.TokenRevoked:
    """That the token is good for nothing any more."""
    must_be_let_revoke(known, who, organisation)
    if known.revoked_at is not None:
        raise refuse(Code.ALREADY_SO, known.id, what=phrase("the token is revoked"))
    return e.TokenRevoked(effective_at=at, token_id=known.id, person=known.person, reason=checks.reason(command.reason))


def must_be_let_create(command: c.CreateToken, who: Who, organisation: Organisation) -> None:
    """Everybody has tokens of their own; those of others, and of integrators, are made by whom the table names.

    Nobody has one of their own by acting for somebody: it would outlast the leave to do so. Who came by a token that is good
    for some acts gives no other one more.
    """
    must_act_as(who, organisation)
    person = organisation.people.get(command.person)
    if organisation.declared and person is None:
        raise checks.unknown(Code.UNKNOWN_PERSON, command.person, organisation.people)
    if person is None:
        checks.new_person(command.person)
    is_own = who.on_behalf_of is None and command.person == who.actor
    if is_own and (person is None or person.role != "integrator"):
        must_let_come("token", who)
    else:
        must_be_permitted_in_store("token", who, organisation)
    if who.by and who.by.only and not (command.only and set(command.only) <= set(who.by.only)):
        raise refuse(Code.TOKEN_LIMITED, "only", token=who.by.id, allows=list(who.by.only))


def must_be_let_revoke(known: KnownToken, who: Who, organisation: Organisation) -> None:
    """Whose it is, and whom the table names for those of others; a token can always be made worthless by itself.

    For others it is not there.
    """
    must_act_as(who, organisation)
    if who.by and who.by.id == known.id:
        return
    if who.by and who.by.only:
        raise refuse(Code.TOKEN_LIMITED, "token", token=who.by.id, allows=list(who.by.only))
    if who.on_behalf_of is None and known.person == who.actor:
        must_let_come("token", who)
        return
    if not sees_tokens_of(known.person, who.person, organisation):
        raise refuse(Code.UNKNOWN_TOKEN, known.id, given=known.id)
    must_be_permitted_in_store("token", who, organisation)


def sees_tokens_of(person: str, viewer: str, organisation: Organisation) -> bool:
    """Whether the viewer is told which tokens there are of this person."""
    return (
        person == viewer or sees_all(viewer, organisation) or viewer in answering_in_store("token", organisation).people
    )


def _end(command: c.CreateToken, at: datetime) -> datetime | None:
    """Until when it holds; never longer than a year where it is to end at all."""
    if command.endless:
        return None
    if command.lasts is not None and command.lasts.unit.is_working:
        wrong, right = phrase("working time depends on a calendar"), phrase("a length of time such as '90 days'")
        raise refuse(Code.FIELD_INVALID, "for", field="for", wrong=wrong, right=right)
    latest = at + LONGEST
    if command.lasts is not None and command.lasts.elapsed > LONGEST:
        raise refuse(Code.DEADLINE_TOO_FAR, "for", given=command.lasts.said, cap=_CAP, latest=latest)
    end = command.until or at + (command.lasts.elapsed if command.lasts else USUAL)
    if end <= at:
        raise refuse(Code.DEADLINE_PAST, "until", given=end, now=at)
    if end > latest:
        raise refuse(Code.DEADLINE_TOO_FAR, "until", given=end, cap=_CAP, latest=latest)
    return end
