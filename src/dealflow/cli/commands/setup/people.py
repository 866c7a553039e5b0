"""`dealflow people`: check the organisation's file."""

from dealflow.cli.options import Home, Json, group

app = group("Check people.yaml.")


@app.command(epilog="Example: dealflow people check")
def check(home: Home = None, json: Json = False) -> int:
    """Check people.yaml. Every problem with its line and column; who has no director, which address cannot be used."""
    from dealflow.cli.session import load_settings
    from dealflow.cli.views.setup.people import check_people

    return check_people(load_settings(home, json=json))
