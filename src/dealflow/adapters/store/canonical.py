"""JSON with one form only, for what is digested or encrypted."""

import json
from typing import Any

_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def canonical(record: Any) -> bytes:
    """UTF-8, sorted keys, no spaces, no numbers that JSON does not have."""
    return _CANONICAL.encode(record).encode()
