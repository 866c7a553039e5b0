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
from dealflow.adapters.store.events.keys import Key, KeyStore
from dealflow.domain.deal.events import Fact
from dealflow.domain.values.phrase import Phrase, phrase

ERASED = "(erased)"
LOST = "(key lost)"
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

    def _clear(self, stream: str, version: int, key: Key | None) -> Any:
        if key is None or key.secret is None:
            return LOST if key is None else ERASED
        try:
            sealed = base64.b64decode(self.holder[self.name]["enc"]["v"], validate=True)
            bound = self._bound(stream, version)
            return json.loads(AESGCM(key.secret).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound))
        except (InvalidTag, ValueError) as error:
            raise PersonalValueAltered(
                phrase("{field} was altered or belongs to another key", field=self.path)
            ) from error

    def _bound(self, stream: str, version: int) -> bytes:
        # A value moved to another event or field no longer decrypts.
        return f"{stream}\n{version}\n{self.path}".encode()


def has_personal(fact: Fact) -> bool:
    """Whether anything in the fact is stored encrypted."""
    customer = getattr(fact, "customer", None)
    return bool(getattr(fact, "personal", ())) or (customer is not None and customer.name is not None)


def personal_places(fact: dict[str, Any]) -> list[PersonalPlace]:
    """Where a stored fact of any age may hold something personal."""
    fields, customer = fact.get("fields"), fact.get("customer")
    places: list[PersonalPlace] = []
    if isinstance(fields, dict):
        places += [PersonalPlace(fields, name, f"fields.{name}") for name in fact.get("personal", ()) if name in fields]
    if isinstance(customer, dict) and customer.get("name") is not None:
        places.append(PersonalPlace(customer, "name", "customer.name"))
    return places


def keys_of(places: Sequence[PersonalPlace], keys: KeyStore) -> dict[str, Key]:
    """The keys that these values are encrypted under, by id, read at once."""
    ids = {key_id for place in places if (key_id := place.key_id) is not None}
    return keys.find(ids) if ids else {}
