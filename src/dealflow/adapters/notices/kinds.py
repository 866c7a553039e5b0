"""The kinds of address that a notice may be sent to; Apprise knows many more, some of which are this very computer."""

from apprise import NotifyBase

# Mail, webhooks, and the chats of firms; what an address of each looks like, Apprise's pages say.
KINDS = (
    "file", "mailto", "mailtos", "json", "jsons", "form", "forms", "xml", "xmls", "wecombot", "wechat", "dingtalk", "feishu",
    "lark", "slack", "workflow", "workflows",
)  # fmt: skip
# Some services give out an address of the web, by which Apprise knows them.
_OF_THE_WEB = ("http", "https")


def may_be_used(scheme: str) -> bool:
    """Whether an address that begins so may be of an allowed kind."""
    return scheme in KINDS or scheme in _OF_THE_WEB


def is_allowed(service: NotifyBase) -> bool:
    """Whether this is what an allowed kind of address was read as."""
    return not set(KINDS).isdisjoint(service.schemas())  # type: ignore[no-untyped-call]  # Apprise has no types here
