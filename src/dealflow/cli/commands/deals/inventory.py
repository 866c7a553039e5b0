"""`dealflow inventory`: how many customers and deals, at which stage and decision node."""

from dealflow.cli.options import AsKnownAt, AsOf, Home, Json, Language, single

app = single()


@app.command(epilog="Example: dealflow inventory --as-of 2026-11-01 --json")
def inventory(
    as_of: AsOf = None,
    known_at: AsKnownAt = None,
    home: Home = None,
    json: Json = False,
    lang: Language = None,
) -> int:
    """Count customers and deals by stage, decision node, owner and director, now or at any time past."""
    from dealflow.cli.session import opened
    from dealflow.cli.views.deals.inventory import show_inventory

    with opened(home, json=json, lang=lang) as session:
        return show_inventory(session, as_of, known_at)
