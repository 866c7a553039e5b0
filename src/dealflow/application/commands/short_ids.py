"""Short ids for new deals, evidence and steps, which a person can read over the telephone."""

import hashlib

# Without the letters that look like digits.
_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"


def short_id(prefix: str, named_after: str) -> str:
    """An id such as d-7k2m9q4x that follows from the command's key: a command sent again names the same thing."""
    number = int.from_bytes(hashlib.sha256(f"{prefix}/{named_after}".encode()).digest()[:5])
    return prefix + "-" + "".join(_LETTERS[number >> 5 * place & 31] for place in range(8))
