"""The name of the stream that holds a deal's events."""

DEAL_STREAMS = "deal/"


def stream_of(deal_id: str) -> str:
    """The stream of this deal."""
    return DEAL_STREAMS + deal_id


def deal_of(stream: str) -> str:
    """The id of the deal that this stream belongs to."""
    return stream.removeprefix(DEAL_STREAMS)
