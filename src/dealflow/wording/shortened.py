"""Messages that get shorter where a value is missing, so that no sentence fails for want of data.

`{key}` is a value, `{key|words}` has words for when the value is absent, and `[...]` is left out when a value inside it is
absent.
"""

import re
from collections.abc import Mapping

_TOKEN = re.compile(r"\[(?P<optional>[^\[\]]*)\]|\{(?P<key>\w+)(?:\|(?P<otherwise>[^{}]*))?\}")


def template(message: str) -> str:
    """The message as it is, marked for the catalogues."""
    return message


def shortened(message: str, values: Mapping[str, str]) -> str:
    """The message with those values that there are; what comes out of a value is never read as a template again."""

    def put(match: re.Match[str]) -> str:
        optional = match["optional"]
        if optional is None:
            return values.get(match["key"], match["otherwise"] or "")
        keys = [token["key"] for token in _TOKEN.finditer(optional)]
        return _TOKEN.sub(put, optional) if all(key in values for key in keys) else ""

    return _TOKEN.sub(put, message).strip()
