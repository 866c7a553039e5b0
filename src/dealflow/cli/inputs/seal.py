"""What a command about the seal is given."""

from dealflow.cli.errors import WrongUsage
from dealflow.domain.seal.commands import RotateSeal, SealAnew
from dealflow.domain.values.phrase import phrase


def seal_command(reason: str, *, rotate: bool, anew: bool, is_named: bool) -> RotateSeal | SealAnew | None:
    """What is to be done; None where the seal is only shown. `is_named`: an id is given for it."""
    if rotate and anew:
        raise WrongUsage(phrase("--rotate and --anew exclude each other"))
    if not rotate and not anew:
        if reason or is_named:
            raise WrongUsage(phrase("--reason and --command-id go with --rotate or --anew"))
        return None
    if anew and not reason.strip():
        raise WrongUsage(phrase("--anew needs a --reason"))
    return SealAnew(reason=reason) if anew else RotateSeal(reason=reason)
