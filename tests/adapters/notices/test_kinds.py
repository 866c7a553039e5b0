"""Only named kinds of address are used, and none of them sends a message on to where somebody else says."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from dealflow.adapters.notices.kinds import KINDS
from dealflow.adapters.notices.notify import Notifier, TransportError
from dealflow.domain.escalation.notice import Message
from dealflow.domain.people.organisation import Channel, Person
from tests.support.deals.facts import AT

ANNA = Person(id="anna", name="Anna")
MESSAGE = Message(subject="D-1 has stalled", body="a line\n", at=AT)


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """A server that sends everybody elsewhere, and which paths were asked for."""
    paths: list[str] = []

    class Elsewhere(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            paths.append(f"{self.command} {self.path}")
            self.send_response(307)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST = do_PUT = _answer  # noqa: N815  http.server's names

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}", paths
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    "url",
    [
        "syslog://", "syslog://local5/", "rsyslog://127.0.0.1/", "dbus://", "glib://", "gnome://", "macosx://", "windows://",
        "mqtt://127.0.0.1/deals", "growl://127.0.0.1", "apprise://127.0.0.1/token", "exec://ls", "tgram://1:x/2/",
        "http://127.0.0.1/", "https://127.0.0.1/x", "SYSLOG://",
    ],
)  # fmt: skip
def test_any_other_kind_is_refused_for_good_and_people_are_told_which_are_used(tmp_path: Path, url: str) -> None:
    sender = Notifier(tmp_path / "outbox")
    channel = Channel(id="x", url=url)
    with pytest.raises(TransportError) as error:
        sender.send(ANNA, channel, MESSAGE, "k")
    assert error.value.permanent
    assert sender.fault_of(channel) == str(error.value)
    if not url.startswith("http"):
        assert "mailto" in str(error.value)


@pytest.mark.parametrize(
    "url",
    [
        "mailto://u:p@example.com", "json://127.0.0.1/", "jsons://127.0.0.1/", "form://127.0.0.1/", "xmls://127.0.0.1/",
        "wecombot://3d4c6d1a-bd4d-4a31-a3b0-1a1d7f6d9e21", "dingtalk://" + "a" * 64, "feishu://" + "a1b2c3d4-" * 3 + "abcdefab1234",
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#sales", "file:",
        "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
    ],
)  # fmt: skip
def test_mail_webhooks_and_the_chats_of_firms_can_be_used(tmp_path: Path, url: str) -> None:
    assert Notifier(tmp_path).fault_of(Channel(id="x", url=url)) is None


@pytest.mark.parametrize("scheme", ["json", "form", "xml"])
@pytest.mark.parametrize("asks", ["", "?redirect=yes"])
def test_a_redirect_is_not_followed_whatever_the_address_asks(
    tmp_path: Path, asked: tuple[str, list[str]], scheme: str, asks: str
) -> None:
    host, paths = asked
    with pytest.raises(TransportError) as error:
        Notifier(tmp_path, timeout=5).send(ANNA, Channel(id="x", url=f"{scheme}://{host}/in{asks}"), MESSAGE, "k")
    assert (error.value.status, error.value.permanent) == (307, True)
    assert paths in (["POST /in"], [f"POST /in{asks}"])


def test_each_kind_is_one_that_apprise_knows() -> None:
    from apprise import Apprise

    known = {
        kind
        for each in Apprise().details()["schemas"]
        for key in ("protocols", "secure_protocols")
        for kind in each[key] or ()
    }
    assert set(KINDS) - known == {"file"}
