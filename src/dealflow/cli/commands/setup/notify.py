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
    from dealflow.cli.session import load_settings
    from dealflow.cli.views.setup.notify import send_test

    return send_test(load_settings(home, json=json), person, channel)
