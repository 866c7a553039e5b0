"""The name of the stream that holds a token's events: each has its own, so that one is found without an index."""

TOKEN_STREAMS = "token/"  # noqa: S105  the beginning of a name


def token_stream(token_id: str) -> str:
    """The stream of this token."""
    return TOKEN_STREAMS + token_id


def token_of_stream(stream: str) -> str:
    """The id of the token that this stream belongs to."""
    return stream.removeprefix(TOKEN_STREAMS)
