"""Personal values inside a stored fact: where they are, and their encryption under the key of the customer or the deal."""

import base64
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from dealflow.adapters.store.canonical import canonical
from dealflow.adapters.store.keys.key import Key, KeyReader, tells_its_secret
from dealflow.domain.deal.events import Fact
from dealflow.domain.values.phrase import Phrase, phrase
from dealflow.domain.values.unreadable import ERASED, LOST

_NONCE_BYTES = 12


class PersonalValueAltered(Exception):
    """An encrypted value does not decrypt where it stands; the reason says which."""

    def __init__(self, reason: Phrase) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class PersonalPlace:
    """A personal value inside a fact's JSON; `path` is bound into its encryption."""

    holder: dict[str, Any]
    name: str
    path: str

    @property
    def is_erased(self) -> bool:
        """Whether what stands there is the word for an erased value: a correction repeats it, and it says nothing."""
        return bool(self.holder[self.name] == ERASED)

    @property
    def key_id(self) -> str | None:
        """The key that the value is encrypted under; None for a value in the clear."""
        value = self.holder[self.name]
        inner = value.get("enc") if isinstance(value, dict) else None
        if isinstance(inner, dict) and isinstance(inner.get("key"), str) and isinstance(inner.get("v"), str):
            return str(inner["key"])
        return None

    def encrypt(self, stream: str, version: int, key_id: str, secret: bytes) -> None:
        """Put the encrypted value in the place of the clear one."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        plain = canonical(self.holder[self.name])
        sealed = nonce + AESGCM(secret).encrypt(nonce, plain, self._bound(stream, version))
        self.holder[self.name] = {"enc": {"key": key_id, "v": base64.b64encode(sealed).decode()}}

    def decrypt(self, stream: str, version: int, keys: dict[str, Key]) -> None:
        """Put the clear value in the place of the encrypted one, or the word that stands for it once its key is gone."""
        if (key_id := self.key_id) is not None:
            self.holder[self.name] = self._clear(stream, version, keys.get(key_id))

    def opens(self, stream: str, version: int, secret: bytes) -> bool:
        """Whether the encrypted value can be decrypted with this secret."""
        try:
            self._decrypted(stream, version, secret)
        except (InvalidTag, ValueError):
            return False
        return True

    def _clear(self, stream: str, version: int, key: Key | None) -> Any:
        if key is None or key.secret is None:
            return LOST if key is None else ERASED
        try:
            return json.loads(self._decrypted(stream, version, key.secret))
        except (InvalidTag, ValueError) as error:
            if not tells_its_secret(key.id):
                # Two keys may have had one name: then nobody can say whether the value was altered or the other key is meant.
                return LOST
            raise PersonalValueAltered(phrase("{field} was altered", field=self.path)) from error

    def _decrypted(self, stream: str, version: int, secret: bytes) -> bytes:
        sealed = base64.b64decode(self.holder[self.name]["enc"]["v"], validate=True)
        bound = self._bound(stream, version)
        return AESGCM(secret).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound)

    def _bound(self, stream: str, version: int) -> bytes:
        # A value moved to another event or field no longer decrypts.
        return f"{stream}\n{version}\n{self.path}".encode()


def has_personal(fact: Fact) -> bool:
    """Whether anything in the fact is to be stored encrypted; the word for an erased value is not."""
    customer, fields = getattr(fact, "customer", None), getattr(fact, "fields", {})
    values = [fields.get(name) for name in getattr(fact, "personal", ())]
    values.append(customer.name if customer is not None else None)
    return any(value not in (None, ERASED) for value in values)


def personal_places(fact: dict[str, Any]) -> list[PersonalPlace]:
    """Where a stored fact of any age may hold something personal."""
    fields, customer = fact.get("fields"), fact.get("customer")
    places: list[PersonalPlace] = []
    if isinstance(fields, dict):
        places += [PersonalPlace(fields, name, f"fields.{name}") for name in fact.get("personal", ()) if name in fields]
    if isinstance(customer, dict) and customer.get("name") is not None:
        places.append(PersonalPlace(customer, "name", "customer.name"))
    return places


def keys_of(places: Sequence[PersonalPlace], keys: KeyReader) -> dict[str, Key]:
    """The keys that these values are encrypted under, by id, read at once."""
    ids = {key_id for place in places if (key_id := place.key_id) is not None}
    return keys.find(ids) if ids else {}
