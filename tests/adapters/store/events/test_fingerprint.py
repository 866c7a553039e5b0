"""The digest of a command is the same for the same command, and of no use without the key store."""

import hashlib
from pathlib import Path

from dealflow.adapters.store import fingerprint_of, open_store


def test_the_same_command_has_the_same_fingerprint_after_a_restart(tmp_path: Path) -> None:
    found = []
    for _ in range(2):
        parts = open_store("", tmp_path, tmp_path / "keys.sqlite")
        found.append(fingerprint_of(parts.keys)("record +86 138 0000 0000"))
        parts.close()
    assert found[0] == found[1]


def test_another_installation_and_a_plain_digest_give_another_fingerprint(tmp_path: Path) -> None:
    asked = "record +86 138 0000 0000"
    found = {hashlib.sha256(asked.encode()).hexdigest()}
    for home in (tmp_path / "a", tmp_path / "b"):
        parts = open_store("", home, home / "keys.sqlite")
        found.add(fingerprint_of(parts.keys)(asked))
        parts.close()
    assert len(found) == 3
