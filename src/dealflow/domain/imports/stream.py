"""The names of the streams that hold the record of imports, one for each source."""

IMPORT_STREAMS = "import/"


def import_stream(source: str) -> str:
    """The stream of this source."""
    return f"{IMPORT_STREAMS}{source}"


def source_of(stream: str) -> str:
    """Whose stream this is."""
    return stream.removeprefix(IMPORT_STREAMS)
