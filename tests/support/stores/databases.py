"""On which database a story runs: in `make test` where the database is part of the story, on every one in `make soak`."""

import pytest

DATABASES = ("sqlite", "postgres")


def database_params(*sampled: str) -> list[object]:
    """Every database as a parameter; those that are not sampled are left to `make soak`."""
    return [
        pytest.param(
            name,
            marks=[
                *([pytest.mark.postgres] if name == "postgres" else []),
                *([] if name in sampled else [pytest.mark.soak]),
            ],
        )
        for name in DATABASES
    ]


# For what has a home of its own: the fixture `database` of the command lines.
on_each_database = pytest.mark.parametrize("database", database_params(*DATABASES), indirect=True)


def on(*sampled: str) -> pytest.MarkDecorator:
    """In `make test` on these databases, by the fixture `kind`."""
    return pytest.mark.parametrize("kind", database_params(*sampled), indirect=True, scope="session")


on_both = on(*DATABASES)
