"""Sending a message to a person: through Apprise for every address it knows, or as a file in the outbox folder.

What can be told of a failure differs by channel, because Apprise reports success or failure with log lines only:

* webhooks (`json://`, `jsons://`) are posted here, with Apprise reading the address; the status code is known;
* mail: the server's reply code is read from Apprise's log; 5yz is permanent, 4yz and no connection are temporary;
* other services over HTTP: the status code is read from Apprise's log (`error=404`). Without a code a failure is
  temporary. Chat robots that answer 200 with an error in the body (WeCom, DingTalk, Feishu) count as delivered.

Permanent: an address that cannot be read, a status of 3xx or 4xx but 408, 425 and 429, a mail reply of 5yz.
A time limit that runs out is temporary, and the message may have arrived: the next try bears the same key.
"""

import hashlib
import hmac
import json
import logging
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests
from apprise import Apprise, AppriseAsset, NotifyBase
from apprise.common import NotifyFormat, OverflowMode
from apprise.plugins.custom_json import NotifyJSON
from apprise.result import AppriseResult, AppriseResultStatus

from dealflow.adapters.files.atomic import write_atomically
from dealflow.adapters.notices.kinds import KINDS, is_allowed, may_be_used
from dealflow.application.notices.deliver import Undelivered
from dealflow.domain.escalation.notice import Message
from dealflow.domain.people.organisation import Channel, Person
from dealflow.domain.values.phrase import phrase
from dealflow.wording.system_faults import system_reason

KEY_HEADER = "Idempotency-Key"
SIGNATURE_HEADER = "Dealflow-Signature"
_TRY_AGAIN = {408, 425, 429}
_STATUS = re.compile(r"error=(\d{3})\b")
_REPLY = re.compile(r"\(([45]\d{2}), b?['\"]|was refused: ([45]\d{2}) ")
# Services whose plugins send headers of ours along; the others have no place for the key.
_WITH_HEADERS = {"json", "jsons", "form", "forms", "xml", "xmls", "mailto", "mailtos"}


class TransportError(Undelivered):
    """A message that was not delivered; `status` is the reply code where there was one."""

    def __init__(self, message: str, *, permanent: bool, status: int | None = None) -> None:
        self.status = status
        super().__init__(message, permanent=permanent)


class Notifier:
    """Delivers messages; safe to use from several threads, each call blocks for about `timeout` seconds at most."""

    def __init__(
        self,
        outbox: Path,
        *,
        default_channels: Iterable[Channel] = (Channel(id="file", url="file:"),),
        webhook_secret: str | None = None,
        timeout: float = 20.0,
    ) -> None:
        self.outbox = outbox
        self.default_channels = tuple(default_channels)
        self._secret = webhook_secret.encode() if webhook_secret else None
        self._timeout = timeout
        _hear_apprise()

    def channels_of(self, person: Person) -> tuple[Channel, ...]:
        """The person's channels in order of preference, or the default ones."""
        return person.channels or self.default_channels

    def send(self, person: Person, channel: Channel, message: Message, key: str) -> None:
        """Deliver once more or for the first time under this key; TransportError when it did not go out."""
        _check_has_address(channel)
        if channel.url.startswith("file:"):
            self._write(person, channel, message, key)
        else:
            self._notify(channel, message, key)

    def fault_of(self, channel: Channel) -> str | None:
        """Why nothing can be sent from here to this address as it is, without sending anything; None when it can be read."""
        try:
            _check_has_address(channel)
            if channel.url.startswith("file:"):
                _check_file_address(channel)
            else:
                self._service(channel, "check")
        except TransportError as error:
            return str(error)
        return None

    def _write(self, person: Person, channel: Channel, message: Message, key: str) -> None:
        _check_file_address(channel)
        folder = self.outbox / file_name(person.id)
        digest = hashlib.sha256(key.encode()).hexdigest()[:20]
        text = f"Subject: {message.subject}\nTo: {person.name} <{person.id}>\nKey: {_header(key)}\n\n{message.body}"
        try:
            # A digest that is rendered again may bear another time: the key decides which file it is.
            earlier = sorted(folder.glob(f"*-{digest}.txt"))
            write_atomically(earlier[0] if earlier else folder / f"{file_time(message.at)}-{digest}.txt", text)
        except OSError as error:
            raise TransportError(
                phrase("the outbox cannot be written: {reason}", reason=system_reason(error)), permanent=False
            ) from error

    def _notify(self, channel: Channel, message: Message, key: str) -> None:
        service = self._service(channel, key)
        apprise = Apprise(asset=_asset(self._timeout))
        apprise.add(service)
        result = apprise.notify(
            body=message.body,
            title=message.subject,
            body_format=NotifyFormat.TEXT,
            timeout=self._timeout,
            log_level=logging.DEBUG,
        )
        if not result:
            raise _failure(channel, service, result)

    def _service(self, channel: Channel, key: str) -> NotifyBase:
        if not may_be_used(_scheme(channel.url)):
            raise _not_allowed(channel)
        try:
            service = self._instantiated(channel.url)
        except Exception as error:  # a plugin may refuse an address with any exception
            raise _unusable(channel) from error
        if service is None:
            raise _unusable(channel)
        if not is_allowed(service):
            raise _not_allowed(channel)
        # An address can ask for it: whoever answers there would say where messages go.
        service.redirects = False
        if "overflow=" not in channel.url:
            # Splitting would make several messages of one, each with the same key.
            service.overflow_mode = OverflowMode.TRUNCATE
        if "rto=" not in channel.url:
            service.socket_read_timeout = self._timeout
        if "cto=" not in channel.url:
            # Mail waits for every reply as long as for the connection.
            service.socket_connect_timeout = self._timeout / 2
        if _scheme(channel.url) in _WITH_HEADERS:
            own = getattr(service, "headers", None) or {}
            setattr(service, "headers", {**own, KEY_HEADER: _header(key)})  # noqa: B010  not declared by the base
        return service

    def _instantiated(self, url: str) -> NotifyBase | None:
        asset = _asset(self._timeout)
        if _scheme(url) not in ("json", "jsons"):
            return Apprise.instantiate(url, asset=asset, suppress_exceptions=False)
        parsed = NotifyJSON.parse_url(url)  # type: ignore[no-untyped-call]
        return _Webhook(self._secret, **{**parsed, "asset": asset}) if parsed else None


class _Webhook(NotifyJSON):  # type: ignore[no-untyped-call]
    """Apprise's JSON webhook, posted here: the bytes signed are the bytes sent, and the status is kept."""

    def __init__(self, secret: bytes | None, **parsed: Any) -> None:
        super().__init__(**parsed)  # type: ignore[no-untyped-call]
        self._secret = secret
        self.status: int | None = None

    def send(self, body: str, title: str = "", notify_type: Any = None, attach: Any = None, **_: Any) -> bool:  # noqa: ARG002  Apprise gives it by name
        content: dict[str, Any] = {"version": self.json_version, "title": title, "message": body, "attachments": []}
        content["type"] = getattr(notify_type, "value", "info")
        for name, value in self.payload_extras.items():
            if name not in content:
                content[name] = value
            elif (moved := content.pop(name)) is not None and value:
                content[value] = moved
        posted = json.dumps(content, ensure_ascii=False).encode()
        headers = {"User-Agent": "dealflow", "Content-Type": "application/json", **self.headers}
        if self._secret is not None:
            headers[SIGNATURE_HEADER] = signature(self._secret, headers[KEY_HEADER], posted)
        port = f":{self.port}" if isinstance(self.port, int) else ""
        try:
            answer = requests.request(
                str(self.method),
                f"{'https' if self.secure else 'http'}://{self.host}{port}{self.fullpath}",
                data=posted,
                params=self.params,
                headers=headers,
                auth=(self.user, self.password or "") if self.user else None,
                verify=self.verify_certificate,
                timeout=self.request_timeout,
                allow_redirects=False,
                stream=True,
            )
        except requests.RequestException:
            return False
        # The body is never read: a receiver that drips it could otherwise hold the thread.
        answer.close()
        self.status = answer.status_code
        return 200 <= answer.status_code < 300


def signature(secret: bytes, key: str, posted: bytes) -> str:
    """What the receiver of a webhook computes again: HMAC-SHA256 over the key header, a dot and the body's bytes."""
    return "v1=" + hmac.new(secret, key.encode() + b"." + posted, hashlib.sha256).hexdigest()


def file_time(at: datetime) -> str:
    """How the name of a file begins that tells of what was due at this instant."""
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ")


def file_name(person_id: str) -> str:
    """A folder's name for a person: readable, inside its parent, and another for another person."""
    last = len(person_id) - 1
    name = "".join(
        c if c.isalnum() or c in "-_@" or (c in " ." and 0 < i < last) else "".join(f"%{b:02x}" for b in c.encode())
        for i, c in enumerate(person_id)
    )
    if len(name.encode()) <= 120:
        return name
    return name.encode()[:80].decode(errors="ignore") + "-" + hashlib.sha256(person_id.encode()).hexdigest()[:16]


def _check_has_address(channel: Channel) -> None:
    if not channel.has_address:
        # Another computer, or a file that is put right, may have it.
        raise TransportError(
            phrase("channel '{channel}': this computer's people.yaml has no address for it", channel=channel.id),
            permanent=False,
        )


def _check_file_address(channel: Channel) -> None:
    if channel.url not in ("file:", "file://"):
        raise TransportError(phrase("channel '{id}': a file channel is written 'file:'", id=channel.id), permanent=True)


def _unusable(channel: Channel) -> TransportError:
    # The address may hold a password or a token, so only its scheme is named.
    scheme = _scheme(channel.url)
    return TransportError(
        phrase("channel '{id}': the {scheme}: address cannot be used", id=channel.id, scheme=scheme), permanent=True
    )


def _not_allowed(channel: Channel) -> TransportError:
    wrong = phrase(
        "channel '{id}': an address of the kind {scheme}: is not used; one of {kinds}",
        id=channel.id,
        scheme=_scheme(channel.url),
        kinds=KINDS,
    )
    return TransportError(wrong, permanent=True)


def _failure(channel: Channel, service: NotifyBase, result: AppriseResult) -> TransportError:
    what = phrase("channel '{id}' ({scheme})", id=channel.id, scheme=_scheme(channel.url))
    if result.status == AppriseResultStatus.TIMEOUT:
        return TransportError(phrase("{what}: no answer in time", what=what), permanent=False)
    lines = [entry.message for entry in result.logs()]
    status = service.status if isinstance(service, _Webhook) else _first(_STATUS, lines)
    if status is not None:
        permanent = 300 <= status < 500 and status not in _TRY_AGAIN
        return TransportError(
            phrase("{what}: answered {status}", what=what, status=status), permanent=permanent, status=status
        )
    reply = _first(_REPLY, lines) if _scheme(channel.url) in ("mailto", "mailtos") else None
    if reply is not None:
        return TransportError(
            phrase("{what}: the mail server said {reply}", what=what, reply=reply), permanent=reply >= 500, status=reply
        )
    return TransportError(phrase("{what}: not reached", what=what), permanent=False)


def _first(pattern: re.Pattern[str], lines: Iterable[str]) -> int | None:
    found = next((match for line in lines if (match := pattern.search(line))), None)
    return int(next(group for group in found.groups() if group)) if found else None


def _scheme(url: str) -> str:
    return url.partition(":")[0].lower()


def _header(key: str) -> str:
    """The key as a header may carry it: ids in Chinese are percent-encoded."""
    return quote(key, safe="/:@-._~%#+=,")


def _asset(timeout: float) -> AppriseAsset:
    return AppriseAsset(app_id="dealflow", async_mode=False, http_redirects=False, service_timeout=timeout)


def _hear_apprise() -> None:
    # Mail's reply codes are in debug lines only. They also hold payloads and addresses, so they stay out of our logs.
    logger = logging.getLogger("apprise")
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
