"""Tells whether two commands ask for the same, without keeping anything from which a phone number could be guessed."""

import hashlib
import hmac
from collections.abc import Callable

from dealflow.adapters.store.keys import KeyStore

_SUBJECT = "dealflow/commands"


def fingerprint_of(keys: KeyStore) -> Callable[[str], str]:
    """A digest under a key of this installation: who has the event tables alone cannot try values against it."""

    def fingerprint(asked: str) -> str:
        secret = keys.obtain({_SUBJECT})[_SUBJECT].secret or b""
        return hmac.new(secret, asked.encode(), hashlib.sha256).hexdigest()

    return fingerprint
