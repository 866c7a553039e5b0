"""The form of a token: its public id, its secret, and check characters that tell a slip of the hand."""

import hashlib
import hmac
import re
import string
from typing import NamedTuple
from zlib import crc32

from dealflow.domain.values.phrase import Phrase, phrase

# So begins every token, for whoever finds one in a file or a log that it should not be in.
PREFIX = "dfl_pat_"
# Of the id without the letters that look like digits: people read it aloud.
ID_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
SECRET_LETTERS = string.digits + string.ascii_uppercase + string.ascii_lowercase
ID_LENGTH = 8
# 62 to the power of 43 is a little more than 2 to the power of 256.
SECRET_LENGTH = 43
_CHECK_LENGTH = 6
_WHOLE = re.compile(rf"{PREFIX}([{ID_LETTERS}]{{{ID_LENGTH}}})_[{SECRET_LETTERS}]{{{SECRET_LENGTH + _CHECK_LENGTH}}}")
_FOUND = re.compile(rf"{PREFIX}([{ID_LETTERS}]{{{ID_LENGTH}}})_[{SECRET_LETTERS}]")
_LENGTH = len(PREFIX) + ID_LENGTH + 1 + SECRET_LENGTH + _CHECK_LENGTH


class TokenUnreadable(ValueError):
    """What was given is no token; says why, and nothing of what was given."""

    def __init__(self, wrong: Phrase) -> None:
        super().__init__(wrong)
        self.wrong = wrong


class WrittenToken(NamedTuple):
    """A token that is written as one: its public id and the digest by which it is known."""

    id: str
    digest: str


def token_text(token_id: str, secret: str) -> str:
    """The whole token, as it is shown once."""
    said = f"{PREFIX}{token_id}_{secret}"
    return said + _check(said)


def read_token(given: str) -> WrittenToken:
    """What was given, if it is whole; else TokenUnreadable. Blanks around it are no part of it."""
    text = given.strip()
    if not text:
        raise TokenUnreadable(phrase("it is empty; unset it, and the user of the operating system says who acts"))
    if not text.startswith(PREFIX):
        raise TokenUnreadable(phrase("it does not begin with {prefix}", prefix=PREFIX))
    if len(text) != _LENGTH:
        raise TokenUnreadable(
            phrase("it has {n} characters, and a token has {wanted}", n=len(text), wanted=_LENGTH),
        )
    found = _WHOLE.fullmatch(text)
    if found is None or not hmac.compare_digest(_check(text[:-_CHECK_LENGTH]), text[-_CHECK_LENGTH:]):
        raise TokenUnreadable(phrase("it is mistyped: its last {n} characters do not fit the others", n=_CHECK_LENGTH))
    return WrittenToken(found[1], digest_of_token(text))


def token_in(text: str) -> str | None:
    """The id of a token that stands in the text, whole or in part; None where none does."""
    found = _FOUND.search(text)
    return found[1] if found else None


def id_meant(given: str) -> str:
    """The id that is meant, as it is listed; TokenUnreadable, which repeats nothing, for what is none."""
    text = given.strip().lower()
    if not re.fullmatch(rf"[{ID_LETTERS}]{{{ID_LENGTH}}}", text):
        raise TokenUnreadable(phrase("it is not the id of a token"))
    return text


def digest_of_token(text: str) -> str:
    """What is kept of a token: SHA-256, in hex.

    A password needs a slow digest since people choose guessable ones; of 256 random bits nobody tries a noticeable part.
    """
    return hashlib.sha256(text.encode()).hexdigest()


def _check(text: str) -> str:
    """The CRC-32 in six letters: it finds slips, and proves nothing."""
    rest, letters = crc32(text.encode()), ""
    for _ in range(_CHECK_LENGTH):
        rest, place = divmod(rest, len(SECRET_LETTERS))
        letters = SECRET_LETTERS[place] + letters
    return letters
