"""Tokens, and who acts by which, as a person reads them."""

from dealflow.application.tokens.handle import TokenMade
from dealflow.application.tokens.known import TokenPage, TokenRow
from dealflow.cli.errors import DONE
from dealflow.cli.output import note, print_json, reader, say
from dealflow.cli.tables import print_pairs, print_table
from dealflow.domain.people.actor import Who
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.values.phrase import phrase
from dealflow.wording.terms import term


def print_token_made(made: TokenMade) -> int:
    """Print what came of a command to a token; the token itself this once, alone on its line."""
    done, to = made.done, reader()
    if to.json:
        print_json({**done.model_dump(mode="json"), "token": made.token})
        return DONE
    if done.repeated:
        say(phrase("This command was carried out before; nothing new has happened. It did:"))
    if done.token_facts == ("token.revoked.v1",):
        say(phrase("Token {token} of {person} is good for nothing any more.", token=done.token_id, person=done.person))
        if done.made_by_it:
            say(phrase("Made by means of it, and still good: {tokens}", tokens=list(done.made_by_it)))
        return DONE
    until = phrase("until {at}", at=to.time(done.expires_at)) if done.expires_at else phrase("until it is revoked")
    say(phrase("Token {token} of {person} holds {until}.", token=done.token_id, person=done.person, until=until))
    if done.only:
        say(phrase("It is good for {acts} alone.", acts=list(done.only)))
    if made.token is None:
        say(phrase("A token is shown once, and kept nowhere: if it is lost, revoke this one and make another."))
    else:
        say(made.token)
        note(phrase("It is not shown again. Set DEALFLOW_TOKEN to it, or keep it in a file of your own (chmod 600) that"
                    " DEALFLOW_TOKEN_FILE names."))  # fmt: skip
    return DONE


def print_tokens(page: TokenPage) -> int:
    """Print a page of tokens."""
    to = reader()
    if to.json:
        print_json(page)
        return DONE
    if page.tokens:
        rows = [
            (row.token_id, row.person, row.label, _until(row), to.listed(row.only) or to.t("everything"), _made(row))
            for row in page.tokens
        ]
        columns = (phrase("Token"), "Person", phrase("Label"), phrase("Until"), phrase("Good for"), phrase("Made"))
        print_table(columns, rows)
    else:
        say(to.t("0 tokens"))
    if len(page.tokens) < page.total:
        note(phrase("{shown} of {total}; --limit N for more", shown=len(page.tokens), total=page.total))
    if page.unreadable:
        say(phrase("cannot be read, and are good for nothing: {tokens}", tokens=list(page.unreadable)))
    return DONE


def _until(row: TokenRow) -> str:
    to = reader()
    if row.revoked_at is not None:
        return to.t("revoked {day}", day=to.day(row.revoked_at))
    if row.state == "person_gone":
        return to.t("person gone")
    if row.expires_at is None:
        return to.t("no end")
    day = to.day(row.expires_at)
    return to.t("expired {day}", day=day) if row.state == "expired" else day


def _made(row: TokenRow) -> str:
    to = reader()
    by = (
        to.t("{actor} for {person}", actor=row.created_by, person=row.created_for)
        if row.created_for
        else row.created_by
    )
    return to.t("{day} by {person}", day=to.day(row.created_at), person=by)


def print_who(who: Who, organisation: Organisation, user: str) -> int:
    """Print who acts, and by what they are known."""
    to, person = reader(), organisation.people.get(who.person)
    if to.json:
        print_json(
            {
                "actor": who.actor,
                "on_behalf_of": who.on_behalf_of,
                "role": person.role if person else None,
                "token": who.token,
                "only": who.by.only if who.by else (),
                "user": None if who.by else user,
            }
        )
        return DONE
    say(to.t("{actor} for {person}", actor=who.actor, person=who.on_behalf_of) if who.on_behalf_of else who.actor)
    print_pairs(
        [
            (phrase("By"), phrase("token {token}", token=who.token) if who.by else phrase("user {user} of this computer",
                                                                                        user=user)),
            ("Role", to.t(term("role", person.role)) if person else ""),
            (phrase("Good for"), to.listed(who.by.only) if who.by else ""),
        ],
        indent=2,
    )  # fmt: skip
    return DONE
