"""What the tests of the whole system ask for: a Temporal server's program, and command lines in processes of their own."""

import pytest

from dealflow.adapters.temporal_server.find import ServerNotFound
from tests.support.running import servers


@pytest.fixture(scope="session")
def temporal_program() -> None:
    """A Temporal server can be started here; else the test is skipped with the reason."""
    try:
        servers.temporal_program()
    except ServerNotFound as error:
        pytest.skip(str(error))
