"""What became of a test message, by each channel of a person."""

from collections.abc import Sequence

from dealflow.application.notices.channels import TriedChannel
from dealflow.cli.errors import DONE, NOT_THERE
from dealflow.cli.output import print_json, reader, say
from dealflow.cli.tables import cell


def print_tried(person: str, tried: Sequence[TriedChannel]) -> int:
    """Print it; exit code 3 when a channel did not take it."""
    if reader().json:
        channels = [
            {"channel": one.channel, "delivered": one.error is None, "error": one.error, "permanent": one.permanent}
            for one in tried
        ]
        print_json({"person": person, "channels": channels})
    else:
        for one in tried:
            say(_line(one))
    return DONE if all(one.error is None for one in tried) else NOT_THERE


def _line(tried: TriedChannel) -> str:
    if tried.error is None:
        return reader().t("{channel}: delivered", channel=tried.channel)
    return reader().t("{channel}: not delivered: {error}", channel=tried.channel, error=cell(tried.error))
