"""What was done to the store as a whole, as it is printed."""

from dealflow.cli.errors import DONE
from dealflow.cli.output import print_json, reader, say
from dealflow.domain.values.phrase import counted
from dealflow.upgrade import Reindexed, Upgraded

_SHOWN = 20


def print_upgraded(done: Upgraded) -> int:
    """Print it."""
    if reader().json:
        print_json({**done.model_dump(mode="json"), "changed": done.changed})
        return DONE
    to = reader()
    if not done.changed:
        say(to.t("The store ({place}) is up to date: schema {schema}.", place=done.place, schema=done.schema_after))
        return DONE
    if done.is_new:
        say(to.t("The store ({place}) is made: schema {schema}.", place=done.place, schema=done.schema_after))
        return DONE
    said = {"place": done.place, "before": done.schema_before, "after": done.schema_after}
    say(to.t("The store ({place}) is brought from schema {before} to {after}.", **said))
    say(
        to.t(
            "{events} events read, none changed; {values} values that may stand once are now looked up over all deals.",
            events=done.events,
            values=done.values,
        )
    )
    if done.twice:
        say(to.t("On record twice; the first counts as soon as one of them changes, until a person withdraws one:"))
        for pieces in done.twice[:_SHOWN]:
            say("  " + ", ".join(to.t("{evidence} of {deal}", evidence=one.evidence, deal=one.deal) for one in pieces))
        _more(len(done.twice))
    if done.unread:
        say(to.t("These deals cannot be read, and their values are not looked up (`dealflow doctor --deep` says why):"))
        say("  " + ", ".join(done.unread[:_SHOWN]))
        _more(len(done.unread))
    if done.keys:
        say(done.keys)
    return DONE


def print_reindexed(done: Reindexed) -> int:
    """Print it."""
    if reader().json:
        print_json(done)
        return DONE
    to = reader()
    if not done.mended and not done.ids and not done.keys:
        say(to.t("Nothing differs."))
    if done.ids:
        say(
            to.t(
                counted(
                    "{n} row of an id of another system was not as the customers have it; it is put right.",
                    "{n} rows of ids of other systems were not as the customers have them; they are put right.",
                    done.ids,
                )
            )
        )
    if done.keys:
        say(
            to.t(
                counted(
                    "{n} row of a key was not as the events and the keys have it; it is put right.",
                    "{n} rows of keys were not as the events and the keys have it; they are put right.",
                    done.keys,
                )
            )
        )
    if not done.mended:
        return DONE
    say(
        to.t(
            counted(
                "{n} value had other holders than the deals say; it is put right.",
                "{n} values had other holders than the deals say; they are put right.",
                done.mended,
            )
        )
    )
    return DONE


def _more(listed: int) -> None:
    if listed > _SHOWN:
        say("  " + reader().t("and {n} more; --json has more of them", n=listed - _SHOWN))
