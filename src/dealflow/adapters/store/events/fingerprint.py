"""The digest of what is personal in a command: under the key that encrypts it, and of no use to anybody without that key."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace

from dealflow.adapters.store.keys.key import Key, KeyReader
from dealflow.application.ports.store import Append
from dealflow.application.repeated import KEY_OF_BEFORE, KeyedDigest, with_digest

_PURPOSE = b"dealflow: what a command asked for"


def fingerprint_of(keys: KeyReader) -> KeyedDigest:
    """Digests of texts under keys of this store; no digest under a key that is destroyed or not there."""

    def keyed(key_id: str, text: str) -> str | None:
        key = keys.find([key_id]).get(key_id)
        return _digest(key.id, key.secret, text) if key and key.secret else None

    return keyed


def without_personal(append: Append, keys: Mapping[str, Key]) -> Append:
    """The append with a digest in the place of what its command asked for that is personal."""
    command = append.command
    if command is None or not command.personal:
        return append
    key = keys[append.subject]
    digest = _digest(key.id, key.secret or b"", command.personal)
    return replace(append, command=replace(command, content=with_digest(command.content, key.id, digest), personal=""))


def _digest(key_id: str, secret: bytes, text: str) -> str:
    # A key that encrypts digests nothing itself; the key of before did nothing else.
    own = secret if key_id == KEY_OF_BEFORE else hmac.new(secret, _PURPOSE, hashlib.sha256).digest()
    return hmac.new(own, text.encode(), hashlib.sha256).hexdigest()
