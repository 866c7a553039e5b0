"""`dealflow people`: check the organisation's file."""

from dealflow.cli.options import Home, Json, group

app = group("Check people.yaml.")


@app.command(epilog="Example: dealflow people check")
def check(home: Home = None, json: Json = False) -> int:
    """Check people.yaml. Every problem with its line and column; who has no director, which address cannot be used."""
    from dealflow.adapters.people.reader import load_people, people_respelled
    from dealflow.application.notices.channels import people_warnings
    from dealflow.bootstrap import notifier_of
    from dealflow.cli.session import load_settings
    from dealflow.cli.user import os_user
    from dealflow.cli.views.setup.people import print_people

    settings = load_settings(home, json=json)
    organisation = load_people(settings.people, is_named=settings.names_people)
    warnings = [
        *people_respelled(settings.people),
        *people_warnings(organisation, notifier_of(settings), os_user()),
    ]
    return print_people(settings.people, organisation, warnings)
