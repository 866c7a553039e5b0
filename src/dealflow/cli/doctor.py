"""`dealflow doctor`: the state of an installation."""

from dealflow.cli.options import Home, Json, single

app = single()


@app.command(epilog="Example: dealflow doctor")
def doctor(home: Home = None, json: Json = False) -> int:
    """Say what is reachable, which versions, what lags, and what to do; changes nothing. Exit code 1: something is wrong."""
    from dealflow.cli.doctor_shown import print_examined
    from dealflow.cli.session import load_settings
    from dealflow.doctor import examine

    return print_examined(examine(load_settings(home, json=json)))
