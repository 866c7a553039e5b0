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
    from dealflow.cli.views.system.doctor import print_examined
    from dealflow.doctor import examine

    settings = load_settings(home, json=json)
    examined = examine(settings)
    if not deep or examined.found.store.error:
        return print_examined(examined)
    from dealflow.cli.output import reader
    from dealflow.cli.progress import progress
    from dealflow.doctor import examine_deeply

    with progress(reader().t("Events")) as heard:
        checked = examine_deeply(settings, heard)
    return print_examined(examined, checked)
