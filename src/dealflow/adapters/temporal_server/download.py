"""The SDK's own download of a Temporal server, as a program that can be ended: VERSION FOLDER."""

import asyncio
import os
import sys

from temporalio.testing import WorkflowEnvironment


async def download(version: str, folder: str) -> None:
    """Leave the server's program in a folder; the SDK starts it once to see that it works."""
    environment = await WorkflowEnvironment.start_local(download_dest_dir=folder, dev_server_download_version=version)
    await environment.shutdown()


def main() -> int:
    """Exit code 1 and one line when the download fails."""
    try:
        asyncio.run(download(sys.argv[1], sys.argv[2]))
    except RuntimeError as error:
        print(str(error).rpartition("executable: ")[2], file=sys.stderr, flush=True)  # noqa: T201  a program of its own, which says why it failed
        return 1
    return 0


if __name__ == "__main__":
    code = main()
    # An interpreter that ends while the SDK's threads still let go of Python objects may abort.
    os._exit(code)
