"""What a command about the seal is given."""

from typing import TYPE_CHECKING

from dealflow.cli.errors import WrongUsage
from dealflow.domain.seal.commands import RotateSeal, SealAnew, SealEnvelope
from dealflow.domain.values.phrase import phrase

if TYPE_CHECKING:
    from dealflow.cli.session import Session


def seal_envelope(
    session: "Session", command_id: str | None, reason: str, *, rotate: bool, anew: bool
) -> SealEnvelope | None:
    """What is to be done; None where the seal is only shown."""
    from dealflow.cli.session import checked_command_id

    if rotate and anew:
        raise WrongUsage(phrase("--rotate and --anew exclude each other"))
    if not rotate and not anew:
        if reason or command_id:
            raise WrongUsage(phrase("--reason and --command-id go with --rotate or --anew"))
        return None
    if anew and not reason.strip():
        raise WrongUsage(phrase("--anew needs a --reason"))
    command = SealAnew(reason=reason) if anew else RotateSeal(reason=reason)
    given = checked_command_id(command_id) or session.command_id
    return SealEnvelope(command_id=given, who=session.kept_who, commands=(command,))
