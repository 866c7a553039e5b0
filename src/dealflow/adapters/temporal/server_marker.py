"""Remembers in the home folder which Temporal database was last known to hold every workflow."""

from pathlib import Path

FILE_NAME = "temporal.database"


class ServerMarker:
    """A file with the server's identity; when it is lost, everything is compared once more."""

    def __init__(self, home: Path) -> None:
        self._file = home / FILE_NAME

    def read(self) -> str:
        """The identity, "" when none is known."""
        try:
            return self._file.read_text(encoding="utf-8").strip()
        except OSError:
            return ""

    def write(self, server_id: str) -> None:
        """Keep the identity."""
        self._file.write_text(server_id + "\n", encoding="utf-8")
