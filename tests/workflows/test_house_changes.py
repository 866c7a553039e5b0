"""A change of people is followed at once on a real server: who comes to answer hears, and who is back hears again."""

import asyncio
from pathlib import Path

import pytest

from dealflow.adapters.temporal_server.server import RunningServer
from dealflow.cli.user import os_user
from dealflow.domain.deal import events as e
from dealflow.domain.house.streams import FOLLOWED_STREAM, PEOPLE_STREAM
from tests.support.observed.sound import everything_holds
from tests.support.running.running_system import IMPATIENT, RunningSystem, running_system
from tests.support.running.servers import Postgres
from tests.support.waiting import eventually


def write(running: RunningSystem, manager: str) -> None:
    """The house with two directors; Anna's manager is one of them."""
    dora, rolf, user = running.director, f"rolf-{running.seller}", os_user()
    running.settings.people.write_text(
        "people:\n"
        f"  - {{id: {running.seller}, name: Anna, manager: {manager}}}\n"
        f"  - {{id: {dora}, name: Dora, role: director}}\n"
        f"  - {{id: {rolf}, name: Rolf, role: director}}\n"
        f"  - {{id: ops, name: Ops, role: operations, users: [{user}]}}\n"
    )


def messages(running: RunningSystem, person: str) -> int:
    folder = running.settings.home / "outbox" / person
    return len(list(folder.iterdir())) if folder.is_dir() else 0


async def followed(running: RunningSystem) -> None:
    """Every version of the people has been followed."""

    def is_done() -> bool:
        number = running.system.store.length(FOLLOWED_STREAM)
        last = running.system.store.event(FOLLOWED_STREAM, number) if number else None
        versions = running.system.store.length(PEOPLE_STREAM)
        return last is not None and isinstance(last.fact, e.HouseFollowed) and last.fact.people == versions

    await eventually(is_done)


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_a_new_director_hears_at_once_and_who_is_back_hears_again(
    temporal_server: RunningServer, tmp_path: Path, database: str, request: pytest.FixtureRequest
) -> None:
    url = ""
    if database == "postgres":
        postgres: Postgres = request.getfixturevalue("postgres")
        url = postgres.create_database()

    async def story(running: RunningSystem) -> None:
        dora, rolf, deal = running.director, f"rolf-{running.seller}", f"house-{database}"
        write(running, dora)
        running.open(deal)
        async with running.worker(), running.relay(IMPATIENT):
            await eventually(lambda: messages(running, dora) == 1)
            await followed(running)
            for manager, told in ((rolf, (1, 1)), (dora, (2, 1))):
                before = running.system.store.length(PEOPLE_STREAM)
                write(running, manager)
                await eventually(lambda: running.system.store.length(PEOPLE_STREAM) == before + 1)  # noqa: B023  at once
                await followed(running)
                await eventually(lambda: (messages(running, dora), messages(running, rolf)) == told)  # noqa: B023  at once
            await everything_holds(running)
        assert messages(running, running.seller) == 1

    with running_system(
        tmp_path / f"house-{database}", temporal_server.address, learn="2 seconds", database=url
    ) as running:
        asyncio.run(story(running))
