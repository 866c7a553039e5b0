"""Delivery to real servers on loopback that accept, fail, refuse, hang and answer twice; and to files."""

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from apprise import Apprise
from apprise.common import NotifyFormat

from dealflow.adapters.notices.notify import Notifier, TransportError, file_name, signature
from dealflow.adapters.temporal_server.server import free_port
from dealflow.domain.escalation.notice import Message
from dealflow.domain.people.organisation import Channel, Person

AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
MESSAGE = Message(subject="D-1 has stalled", body="line one\nline two, 停滞\n", at=AT)
ANNA = Person(id="anna", name="Anna")
KEY = "D-1:1:2:stage_age:1/0/0/张三"


class HttpServer:
    """A real server that keeps what it got and answers as its path says: `/503`, `/hang`, `/twice`, `/drip`."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.release = Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                outer.got.append((dict(self.headers), content))
                what = self.path.strip("/").split("?")[0]
                if what == "hang":
                    outer.release.wait(10)
                status = int(what) if what.isdigit() else 200
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "/200")
                self.send_header("Content-Length", "1000000" if what == "drip" else "2")
                self.end_headers()
                self.wfile.write(b"ok")
                if what == "twice":
                    self.wfile.write(b"HTTP/1.1 500 again\r\nContent-Length: 0\r\n\r\n")
                if what == "drip":
                    outer.release.wait(10)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def url(self, path: str) -> str:
        return f"json://127.0.0.1:{self.server.server_port}/{path}"

    def close(self) -> None:
        self.release.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class Mailbox:
    """The handler of a real SMTP server: keeps what it accepts, answers as told."""

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.to_recipient: str | None = None
        self.to_content = "250 OK"

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if self.to_recipient:
            return self.to_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.got.append(envelope.content)
        return self.to_content


@pytest.fixture
def http() -> Iterator[HttpServer]:
    server = HttpServer()
    yield server
    server.close()


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with closing(socket.socket()) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(5)
        yield listening.getsockname()[1]


@pytest.fixture
def mail() -> Iterator[tuple[Mailbox, int]]:
    mailbox, port = Mailbox(), free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield mailbox, port
    controller.stop()


def mailto(port: int) -> Channel:
    return Channel(id="mail", url=f"mailto://127.0.0.1:{port}/?from=d@example.com&to=anna@example.com&mode=insecure")


def notifier(tmp_path: Path, **options: Any) -> Notifier:
    return Notifier(tmp_path / "outbox", **{"timeout": 3.0, **options})


def failure(sender: Notifier, channel: Channel) -> TransportError:
    with pytest.raises(TransportError) as error:
        sender.send(ANNA, channel, MESSAGE, KEY)
    return error.value


def hook(url: str) -> Channel:
    return Channel(id="hook", url=url)


def test_a_webhook_gets_the_message_with_its_key(tmp_path: Path, http: HttpServer) -> None:
    notifier(tmp_path).send(ANNA, hook(http.url("in?+X-Team=east&:deal=D-1")), MESSAGE, KEY)
    [(headers, content)] = http.got
    assert headers["Idempotency-Key"] == "D-1:1:2:stage_age:1/0/0/%E5%BC%A0%E4%B8%89"
    assert headers["X-Team"] == "east" and "Dealflow-Signature" not in headers
    posted = json.loads(content)
    assert posted["title"] == MESSAGE.subject and posted["deal"] == "D-1"
    assert posted["message"].strip() == MESSAGE.body.strip()


def test_a_second_sending_bears_the_same_key(tmp_path: Path, http: HttpServer) -> None:
    for _ in range(2):
        notifier(tmp_path).send(ANNA, hook(http.url("in")), MESSAGE, KEY)
    (first, _), (second, _) = http.got
    assert first["Idempotency-Key"] == second["Idempotency-Key"]


def test_a_signed_webhook_can_be_verified_from_its_bytes(tmp_path: Path, http: HttpServer) -> None:
    notifier(tmp_path, webhook_secret="s3cret").send(ANNA, hook(http.url("in")), MESSAGE, KEY)
    [(headers, content)] = http.got
    assert headers["Dealflow-Signature"] == signature(b"s3cret", headers["Idempotency-Key"], content)
    assert headers["Dealflow-Signature"] != signature(b"other", headers["Idempotency-Key"], content)


@pytest.mark.parametrize(
    ("status", "permanent"),
    [
        (302, True),
        (400, True),
        (404, True),
        (410, True),
        (408, False),
        (425, False),
        (429, False),
        (500, False),
        (503, False),
    ],
)
@pytest.mark.parametrize("scheme", ["json", "form"])
def test_a_status_says_whether_trying_again_helps(
    tmp_path: Path, http: HttpServer, status: int, permanent: bool, scheme: str
) -> None:
    error = failure(notifier(tmp_path), hook(http.url(str(status)).replace("json", scheme)))
    assert (error.status, error.permanent) == (status, permanent)
    assert len(http.got) == 1


def test_nobody_listening_is_temporary(tmp_path: Path) -> None:
    error = failure(notifier(tmp_path), hook(f"json://127.0.0.1:{free_port()}/"))
    assert not error.permanent and error.status is None


@pytest.mark.parametrize("scheme", ["json", "form"])
def test_a_server_that_hangs_is_left_after_the_time_limit(tmp_path: Path, http: HttpServer, scheme: str) -> None:
    error = failure(notifier(tmp_path, timeout=0.5), hook(http.url("hang").replace("json", scheme)))
    assert not error.permanent


def test_an_answer_that_never_ends_holds_nobody(tmp_path: Path, http: HttpServer) -> None:
    notifier(tmp_path, timeout=5).send(ANNA, hook(http.url("drip")), MESSAGE, KEY)


def test_a_server_that_answers_twice_is_believed_the_first_time(tmp_path: Path, http: HttpServer) -> None:
    sender = notifier(tmp_path)
    for _ in range(2):
        sender.send(ANNA, hook(http.url("twice")), MESSAGE, KEY)
    assert len(http.got) == 2


@pytest.mark.parametrize("url", ["nonsense://x", "json://", "mailto://", "slack://x", "no address", "file:/etc/x"])
def test_an_address_that_cannot_be_read_is_permanent_and_not_repeated(tmp_path: Path, url: str) -> None:
    sender, channel = notifier(tmp_path), Channel(id="c", url=url)
    assert failure(sender, channel).permanent
    assert sender.fault_of(channel) == str(failure(sender, channel))


@pytest.mark.parametrize("url", ["json:", "mailto:"])
def test_a_channel_of_which_only_the_kind_is_known_waits_and_is_told_of(tmp_path: Path, url: str) -> None:
    sender, channel = notifier(tmp_path), Channel(id="c", url=url)
    assert not failure(sender, channel).permanent
    told = "channel 'c': this computer's people.yaml has no address for it"
    assert sender.fault_of(channel) == str(failure(sender, channel)) == told


def test_an_error_never_shows_the_address(tmp_path: Path, http: HttpServer) -> None:
    url = http.url("500").replace("127", "me:pa55@127")
    assert "pa55" not in str(failure(notifier(tmp_path), hook(url)))
    assert notifier(tmp_path).fault_of(hook(url)) is None


def test_mail_arrives_with_its_lines_and_its_key(tmp_path: Path, mail: tuple[Mailbox, int]) -> None:
    mailbox, port = mail
    notifier(tmp_path).send(ANNA, mailto(port), MESSAGE, KEY)
    [content] = mailbox.got
    parsed = message_from_bytes(content)
    assert parsed["To"] == "anna@example.com" and parsed["Subject"] == MESSAGE.subject
    assert parsed["Idempotency-Key"] == "D-1:1:2:stage_age:1/0/0/%E5%BC%A0%E4%B8%89"
    plain = next(part for part in parsed.walk() if part.get_content_type() == "text/plain")
    payload = plain.get_payload(decode=True)
    assert isinstance(payload, bytes) and payload.decode().splitlines()[:2] == ["line one", "line two, 停滞"]


@pytest.mark.parametrize(
    ("to_recipient", "to_content", "permanent", "status"),
    [
        ("550 no such user", "250 OK", True, 550),
        ("451 come back later", "250 OK", False, 451),
        (None, "554 not wanted", True, 554),
        (None, "452 full", False, 452),
    ],
)
def test_the_mail_servers_reply_says_whether_trying_again_helps(
    tmp_path: Path, mail: tuple[Mailbox, int], to_recipient: str | None, to_content: str, permanent: bool, status: int
) -> None:
    mailbox, port = mail
    mailbox.to_recipient, mailbox.to_content = to_recipient, to_content
    error = failure(notifier(tmp_path), mailto(port))
    assert (error.permanent, error.status) == (permanent, status)


def test_a_mail_server_that_is_down_is_temporary(tmp_path: Path) -> None:
    assert not failure(notifier(tmp_path), mailto(free_port())).permanent


def test_a_mail_server_that_hangs_is_left_after_the_time_limit(tmp_path: Path, silent_port: int) -> None:
    error = failure(notifier(tmp_path, timeout=1.0), mailto(silent_port))
    assert not error.permanent


def outbox_files(tmp_path: Path, person: str) -> list[Path]:
    return sorted((tmp_path / "outbox" / person).iterdir())


def test_a_file_is_written_once_per_key(tmp_path: Path) -> None:
    sender, channel = notifier(tmp_path), Channel(id="file", url="file:")
    sender.send(ANNA, channel, MESSAGE, KEY)
    later = MESSAGE.model_copy(update={"body": "second\n", "at": AT + timedelta(days=1)})
    sender.send(ANNA, channel, later, KEY)
    [only] = outbox_files(tmp_path, "anna")
    assert only.name.startswith("20261124T093000.000000Z-")
    text = only.read_text(encoding="utf-8")
    assert text.startswith("Subject: D-1 has stalled\nTo: Anna <anna>\nKey: D-1:1:2") and text.endswith("\n\nsecond\n")
    sender.send(ANNA, channel, later, "another key")
    assert len(outbox_files(tmp_path, "anna")) == 2


def test_an_outbox_that_cannot_be_written_is_temporary(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file stands in the way")
    error = failure(notifier(tmp_path), Channel(id="file", url="file:"))
    assert not error.permanent


def test_a_person_without_channels_gets_the_default_ones(tmp_path: Path) -> None:
    own = (Channel(id="hook", url="json://host/"),)
    assert notifier(tmp_path).channels_of(ANNA) == (Channel(id="file", url="file:"),)
    assert notifier(tmp_path, default_channels=own).channels_of(ANNA) == own
    assert notifier(tmp_path).channels_of(ANNA.model_copy(update={"channels": own})) == own


@pytest.mark.parametrize(
    "person_id", ["..", ".", "a\\..\\b", "C:x", "%2e", "张三", "Anna Snelling", "x" * 80, "张" * 80]
)
def test_a_persons_folder_is_inside_the_outbox_and_their_own(person_id: str) -> None:
    name = file_name(person_id)
    assert name not in (".", "..") and not set(name) & set('/\\:*?"<>|') and len(name.encode()) <= 120
    assert len({file_name(other) for other in (person_id, "." + person_id, person_id[:-1], "%" + person_id)}) == 4
    assert (name == person_id) is (person_id in ("张三", "Anna Snelling", "x" * 80))


def test_the_body_of_a_webhook_is_the_one_apprise_would_send(tmp_path: Path, http: HttpServer) -> None:
    notifier(tmp_path).send(ANNA, hook(http.url("a?:message=text&:title=")), MESSAGE, KEY)
    theirs = Apprise()
    theirs.add(http.url("a?:message=text&:title="))
    assert theirs.notify(body=MESSAGE.body, title=MESSAGE.subject, body_format=NotifyFormat.TEXT)
    (_, ours), (_, apprises) = http.got
    assert json.loads(ours) == json.loads(apprises)
