"""What the operating system says of a file or an address, as phrases; it speaks English itself."""

import os

from dealflow.domain.values.phrase import Phrase, phrase

# The system's own texts, word for word: they are what the catalogues translate. Others come out as they are.
_TEXTS = (
    phrase("No such file or directory"),
    phrase("Permission denied"),
    phrase("Is a directory"),
    phrase("Not a directory"),
    phrase("File exists"),
    phrase("No space left on device"),
    phrase("Read-only file system"),
    phrase("File name too long"),
    phrase("Input/output error"),
    phrase("Too many open files"),
    phrase("Connection refused"),
    phrase("Connection reset by peer"),
    phrase("Address already in use"),
    phrase("Cannot assign requested address"),
    phrase("Network is unreachable"),
    phrase("No route to host"),
    phrase("Connection timed out"),
    phrase("Name or service not known"),
    phrase("Temporary failure in name resolution"),
)


def system_reason(error: OSError) -> Phrase:
    """Why the system refused, without the file."""
    return Phrase(error.strerror or str(error), {})


def system_fault(error: OSError) -> Phrase:
    """The file that the system names, and why it refused."""
    if not error.filename:
        return system_reason(error)
    return phrase("{file}: {reason}", file=os.fspath(error.filename), reason=system_reason(error))
