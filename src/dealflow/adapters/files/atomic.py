"""Files written in one step: a reader sees the old content or the new, and never half of it."""

import os
import tempfile
from pathlib import Path

from dealflow.adapters.files.private import private_folder


def write_atomically(path: Path, text: str) -> None:
    """Put the text under this name; the permissions of a file that is there are kept."""
    private_folder(path.parent)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".draft")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        if path.exists():
            Path(draft).chmod(path.stat().st_mode)
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
