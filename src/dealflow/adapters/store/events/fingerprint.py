"""Tells whether two commands ask for the same, without keeping anything from which a phone number could be guessed."""

import hashlib
import hmac
from collections.abc import Callable
from functools import cache

from dealflow.adapters.store.events.keys import KeyStore

_SUBJECT = "dealflow/commands"


def fingerprint_of(keys: KeyStore) -> Callable[[str], str]:
    """A digest under a key of this installation: who has the event tables alone cannot try values against it."""

    # Made once for the installation, and nobody's personal data: it is read once, not before every command.
    @cache
    def secret() -> bytes:
        return keys.obtain({_SUBJECT})[_SUBJECT].secret or b""

    def fingerprint(asked: str) -> str:
        return hmac.new(secret(), asked.encode(), hashlib.sha256).hexdigest()

    return fingerprint
