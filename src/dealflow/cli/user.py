"""The operating system's user that this process runs as."""

import os


def os_user() -> str:
    """The user that this process runs as; not what LOGNAME says, which everybody may set."""
    try:
        import pwd
    except ImportError:  # Windows has no such table
        import getpass

        return getpass.getuser()
    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:  # a container may run under a number without a name
        return str(number)
