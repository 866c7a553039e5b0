"""`dealflow notify`: whether a person can be told."""

from typing import Annotated

import typer

from dealflow.cli.options import Home, Json, group

app = group("Send a person a test message.")
PersonId = Annotated[str, typer.Argument(metavar="PERSON", help="An id of people.yaml.", show_default=False)]


@app.command("test", epilog="Example: dealflow notify test bo")
def send(
    person: PersonId,
    channel: Annotated[
        str | None, typer.Option("--channel", metavar="ID", help="Only by this channel; else by each.")
    ] = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """Send a test message. By each channel of a person, and say what became of it."""
    from dealflow.adapters.clock import SystemClock
    from dealflow.application.notices.channels import known_person, send_tests
    from dealflow.bootstrap import notifier_of, people_here
    from dealflow.cli.errors import WrongUsage
    from dealflow.cli.output import said_otherwise
    from dealflow.cli.session import load_settings, whoever_acts
    from dealflow.cli.views.setup.notify import print_tried
    from dealflow.domain.decide.checks import line
    from dealflow.domain.decide.permission import must_be_permitted_in_store
    from dealflow.domain.values.phrase import phrase
    from dealflow.domain.values.text.spelling import normal_id
    from dealflow.wording.catalogue import catalogue

    settings = load_settings(home, json=json)
    organisation = people_here(settings)
    actor = whoever_acts(settings, organisation)
    named = said_otherwise("person", person, normal_id(line(person, "person")))
    told, notifier = known_person(organisation, named), notifier_of(settings)
    if told.id != actor.person:
        must_be_permitted_in_store("notify", actor, organisation)
    tried = send_tests(notifier, told, channel, SystemClock().now(), catalogue(told.language).say)
    if not tried:
        known = [one.id for one in notifier.channels_of(told)]
        said = phrase("{person} has no channel '{given}': there is {known}", person=told.id, given=channel, known=known)
        raise WrongUsage(said)
    return print_tried(told.id, tried)
