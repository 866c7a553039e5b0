"""The demo from its first line to its last; the exit code says whether every step came out."""

import os
import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from time import monotonic

from dealflow.adapters.files.private import open_private, private_folder
from dealflow.bootstrap import System, open_system
from dealflow.demo.cast import DIRECTOR, SELLER, write_cast
from dealflow.demo.imported import digests_arrived, import_deals, workflows_run
from dealflow.demo.narrator import DemoFailed, Narrator, environment_for, shown
from dealflow.demo.receiver import Receiver, receiving
from dealflow.demo.templates import HASTY_STAGE, LIMIT_SECONDS, example_folder, templates_folder, write_hasty_sale
from dealflow.demo.walk import Walk
from dealflow.domain.deal.stream import deal_of, stream_of
from dealflow.embedded.background import in_background
from dealflow.embedded.home_lock import holder_of
from dealflow.embedded.up import configured_address, look_for_server, must_have_store
from dealflow.observability.logs import configure_logs
from dealflow.settings import Settings

DEFAULT_HOME = Path(".dealflow-demo")
QUEUE = "dealflow-demo"  # where a configured server is shared, the demo's work must not go to another's worker


def run_demo(home: Path | None, os_user: str) -> int:
    """Run the demo in a folder (default `.dealflow-demo`); 0 when every step came out, 1 when one did not."""
    begun = monotonic()
    settings = _settings(home)
    tell = Narrator(environment_for(settings.home, _more(settings)))
    try:
        _play(tell, settings, os_user)
    except DemoFailed as error:
        tell.failed(str(error))
        return 1
    tell.say(f"{tell.checked} facts were checked in {monotonic() - begun:.0f} seconds.")
    return 0


def _settings(home: Path | None) -> Settings:
    """Everything in one folder, whatever is configured for the real work of this computer; only Temporal may be shared."""
    folder = home or Path(os.environ.get("DEALFLOW_HOME") or DEFAULT_HOME)
    own = {"people": folder / "people.yaml", "keys": folder / "keys.sqlite", "calendars": folder / "calendars.yaml"}
    own["seal_keys"] = folder / "seal.keys"
    settings = Settings.load(folder, database_url="", default_channels="file:", **own)
    is_shared = configured_address(settings) and holder_of(folder) is None
    return settings.model_copy(update={"temporal_queue": QUEUE}) if is_shared else settings


def _more(settings: Settings) -> Mapping[str, str]:
    """What the demo's command lines need to know beside the folder."""
    more = {
        "DEALFLOW_ZONE": settings.zone,
        "DEALFLOW_TEMPORAL_NAMESPACE": settings.temporal_namespace,
        "DEALFLOW_TEMPORAL_QUEUE": settings.temporal_queue,
    }
    if settings.temporal_address:
        more["DEALFLOW_TEMPORAL_ADDRESS"] = settings.temporal_address
    return more


def _play(tell: Narrator, settings: Settings, os_user: str) -> None:
    tell.chapter("The system")
    with _running(tell, settings), receiving() as receiver, open_system(settings) as system:
        _prepare(tell, system, receiver, os_user)
        try:
            _take_in(tell, system)
            deal_id = _walk(tell, system, receiver)
            _tell_all(tell, deal_id)
        finally:
            # The receiver ends with the demo, and whoever goes on in this folder must not wait for it.
            write_cast(settings.people, os_user, webhook="")
    _what_next(tell, settings, deal_id)


@contextmanager
def _running(tell: Narrator, settings: Settings) -> Iterator[None]:
    """The embedded system of the folder: the one that runs already, else one of our own, its log in a file."""
    tell.say(f"All state is in {shown(settings.home)}. Remove the folder, and nothing of the demo is left.")
    log = settings.home / "logs" / "demo.log"
    private_folder(log.parent)
    with open_private(log, "a") as stream:
        configure_logs(settings.log_format, settings.log_level, stream)
        holder = holder_of(settings.home)
        if holder is not None:
            tell.say(f"`dealflow {holder.what}` (process {holder.pid}) runs there already and does the work.")
            yield
            return
        must_have_store(settings)
        found = look_for_server(settings, tell.say)
        with in_background(settings, found, "demo") as address:
            tell.say(f"Temporal at {address}, the worker, the relay and the views run. Their log: {shown(log)}")
            yield


def _prepare(tell: Narrator, system: System, receiver: Receiver, os_user: str) -> None:
    tell.chapter("Who, and by which process")
    settings = system.settings
    tell.say(f"To type the lines below in another terminal: {_export(settings)}")
    user = write_cast(settings.people, os_user, receiver.address)
    tell.say(f"{shown(settings.people)}: seller {SELLER}, director {DIRECTOR}; {user.id} may act for both.")
    folder = templates_folder(settings)
    hasty = write_hasty_sale(folder / "standard-sale.yaml", settings.home)
    tell.say(f"{shown(hasty)} is the standard sale, but its stage {HASTY_STAGE} may last {LIMIT_SECONDS} seconds only.")
    files = [shown(folder / "standard-sale.yaml"), shown(folder / "maven-crm.yaml"), shown(hasty)]
    tell.run("process", "publish", *files)
    names = {ref.name for ref in system.processes.published()}
    tell.expect(names >= {"standard-sale", "maven-crm", "demo-sale"}, "three processes are published")
    stages = system.processes.get("standard-sale").definition.stages
    tell.expect(
        len(stages) == 9 and all({"en", "zh"} <= stage.title.keys() for stage in stages), "nine stages, in en and zh"
    )


def _take_in(tell: Narrator, system: System) -> None:
    tell.chapter("8,800 opportunities of another system")
    import_deals(tell, system, example_folder())
    workflows_run(tell, system)
    digests_arrived(tell, system)


def _walk(tell: Narrator, system: System, receiver: Receiver) -> str:
    deal_id = _free_id(system)
    walk = Walk(tell, system, receiver, deal_id, _today(system))
    chapters: tuple[tuple[str, tuple[Callable[[], None], ...]], ...] = (
        ("A deal, and evidence", (walk.open, walk.meet)),
        ("A stage runs out of time", (walk.stall, walk.decide)),
        ("On to the win, and past it", (walk.win, walk.go_on)),
    )
    for title, acts in chapters:
        tell.chapter(title)
        for act in acts:
            act()
    return deal_id


def _tell_all(tell: Narrator, deal_id: str) -> None:
    tell.chapter("The full history, and the inventory")
    tell.run("deal", "history", deal_id, lines=200)
    tell.run("inventory", lines=200)
    tell.run("doctor", lines=18)


def _what_next(tell: Narrator, settings: Settings, deal_id: str) -> None:
    tell.chapter("What to try next")
    tell.say(_export(settings))
    for line, what in (
        ("dealflow up", "in one terminal: everything runs until Ctrl-C"),
        ("dealflow escalation list --director 'Celia Rouche'", "in another: what waits for a director"),
        ("dealflow deal show " + deal_id, "both tracks of the deal you have just seen"),
        ("dealflow deal history " + deal_id + " --lang zh", "its story in Chinese"),
        ("dealflow process show standard-sale", "the nine stages with their decision nodes"),
        ("dealflow demo", "again: the import finds nothing new, and another deal is walked"),
    ):
        tell.say(f"  {line:<56} {what}")


def _export(settings: Settings) -> str:
    """What a terminal needs to know to work in the demo's folder."""
    queue = f" DEALFLOW_TEMPORAL_QUEUE={QUEUE}" if settings.temporal_queue == QUEUE else ""
    return f"export DEALFLOW_HOME={shlex.quote(shown(settings.home))}{queue}"


def _free_id(system: System) -> str:
    taken = {deal_of(stream) for stream in system.store.streams(stream_of("demo-"))}
    return next(f"demo-{n}" for n in range(1, len(taken) + 2) if f"demo-{n}" not in taken)


def _today(system: System) -> str:
    now: datetime = system.clock.now()
    return now.date().isoformat()
