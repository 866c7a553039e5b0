"""What was done about a customer."""

from dealflow.cli.errors import DONE
from dealflow.cli.output import print_json, reader, say


def print_rekeyed(customer: str) -> int:
    """Print that a customer has a new key."""
    if reader().json:
        print_json({"customer": customer, "rekeyed": True})
    else:
        say(
            reader().t(
                "{customer} has a new key: personal values can be recorded again; earlier ones stay (key lost)",
                customer=customer,
            )
        )
    return DONE
