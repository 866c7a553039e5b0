"""Locks on files, which the system lets go of when their holder ends, however it ends."""

import fcntl


def locked(descriptor: int) -> bool:
    """Lock an open file for as long as it stays open here or in a child; False if another process holds it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
