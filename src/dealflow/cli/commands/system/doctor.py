"""`dealflow doctor`: the state of an installation."""

from typing import Annotated

import typer

from dealflow.cli.options import Home, Json, single

app = single()


@app.command(epilog="Example: dealflow doctor --deep")
def doctor(
    deep: Annotated[
        bool, typer.Option("--deep", help="Also check every event, command, notice and workflow against each other.")
    ] = False,
    home: Home = None,
    json: Json = False,
) -> int:
    """Say what is reachable, which versions, what lags, and what to do; changes nothing. Exit code 1: something is wrong."""
    from dealflow.cli.session import load_settings
    from dealflow.cli.views.system.doctor import deeply, print_examined
    from dealflow.doctor import examine

    settings = load_settings(home, json=json)
    examined = examine(settings)
    return print_examined(examined, deeply(settings) if deep and not examined.found.store.error else None)
