"""The services of docker-compose.yml as processes of this computer, started, watched and ended as Compose and Docker do it."""

import json
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from tests.support.running.compose_file import Service, in_order, required_variables, services
from tests.support.running.native_images import NativeImages, is_postgres
from tests.support.running.temporal_on_postgres import Programs
from tests.support.waiting import LONGEST_SECONDS, until

# Its image listens on every address. It is the version that the development server brings, and nothing needs it.
NOT_RUN = {"temporal-ui"}
ONCE_SECONDS = 120.0


class Production:
    """All services over one folder; nothing runs before `up`."""

    def __init__(self, folder: Path, programs: Programs, temporal: Path) -> None:
        self.folder = folder
        self.passwords = {name: name.lower().replace("_", "") for name in required_variables()}
        told = services(self.passwords).values()
        self.services = {one.name: one for one in told if one.name not in NOT_RUN and not one.profiles}
        self.restarts: dict[str, int] = {}
        self._images = NativeImages(folder, programs, temporal)
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def up(self) -> None:
        """`docker compose up`: each service once those that it waits for are healthy or done."""
        waited_for = {other for service in self.services.values() for other in service.waits_for}
        for service in in_order(self.services):
            if not service.lasts:
                self.run_once(service.name)
                continue
            self.start(service.name)
            if service.name in waited_for:
                assert self.gets_healthy(service.name), (service.name, self.logged(service.name)[-3000:])

    def run_once(self, name: str) -> str:
        """Run a service that ends, and what it prints; it must end with 0."""
        service = self.services[name]
        done = self._run(service, self._images.command(service))
        assert done.returncode == 0, (name, done.stdout, done.stderr)
        return done.stdout

    def start(self, name: str) -> None:
        """Start a lasting service that does not run."""
        service = self.services[name]
        if self.runs(name):
            return
        self._images.make_ready(service)
        with self._log(name).open("ab") as log:
            self._running[name] = subprocess.Popen(
                self._images.command(service),
                env=self._images.environment(service),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self._images.user(service),
            )

    def kill(self, *names: str) -> None:
        """End them as the kernel does when memory runs out: without a last word."""
        for name in names:
            self._running[name].kill()
        for name in names:
            self._running[name].wait(LONGEST_SECONDS)

    def stop(self, name: str) -> int:
        """`docker compose stop`: its exit code; TimeoutExpired when it takes longer than its grace period."""
        service = self.services[name]
        # The image says so: to PostgreSQL SIGTERM means to wait until the last client has gone.
        self._running[name].send_signal(signal.SIGINT if is_postgres(service) else signal.SIGTERM)
        return self._running.pop(name).wait(service.grace_seconds)

    def end(self) -> None:
        """End whatever still runs."""
        for name in reversed([name for name in self._running if self.runs(name)]):
            self._running[name].send_signal(signal.SIGQUIT if is_postgres(self.services[name]) else signal.SIGKILL)
            self._running[name].wait(LONGEST_SECONDS)

    def runs(self, name: str) -> bool:
        """Whether its process is there."""
        return name in self._running and self._running[name].poll() is None

    def restart_what_ended(self) -> None:
        """`restart: unless-stopped`, though without Docker's pauses."""
        for name in list(self._running):
            if not self.runs(name):
                self.restarts[name] = self.restarts.get(name, 0) + 1
                self.start(name)

    def gets_healthy(self, name: str) -> bool:
        """Whether its health check passes in time; what ends meanwhile is started again."""

        def look() -> bool:
            self.restart_what_ended()
            return self.check(name).returncode == 0

        return until(look)

    def check(self, name: str) -> subprocess.CompletedProcess[str]:
        """Its health check, once."""
        service = self.services[name]
        return self._run(service, self._images.words(service, service.check))

    def dealflow(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """`docker compose run --rm worker ...`, with `more` in its environment."""
        worker = self.services["worker"]
        return self._run(worker, self._images.words(worker, [*self._images.entrypoint(worker), *words]), more)

    def json(self, *words: str, **more: str) -> Any:
        """The document that such a command prints; it must end with 0."""
        done = self.dealflow(*words, "--json", **more)
        assert done.returncode == 0, (words, done.returncode, done.stdout, done.stderr)
        return json.loads(done.stdout)

    def ask(self, role: str, password: str, statement: str) -> subprocess.CompletedProcess[str]:
        """A statement in dealflow's database, as a role whose password has this name."""
        words = ["psql", "--no-psqlrc", "--tuples-only", "--no-align", "--command", statement]
        login = self._images.login(role, self.passwords[password])
        return subprocess.run(words, env=login, capture_output=True, text=True, timeout=LONGEST_SECONDS, check=False)

    def metrics(self, name: str) -> str:
        """What Prometheus gets from it."""
        address = self._images.metrics_address(self.services[name])
        with urlopen(f"http://{address}/metrics", timeout=LONGEST_SECONDS) as answer:
            return str(answer.read().decode())

    def logged(self, name: str) -> str:
        """What a service has printed."""
        return self._log(name).read_text(errors="replace")

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def _run(
        self, service: Service, words: Sequence[str], more: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words,
            env={**self._images.environment(service), **(more or {})},
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=ONCE_SECONDS,
            check=False,
        )
