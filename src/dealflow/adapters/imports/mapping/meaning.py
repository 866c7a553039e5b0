"""What a mapping means, without its comments, the order of its keys, and how it is quoted; and as YAML again."""

import re
from collections.abc import Collection, Mapping
from io import StringIO
from typing import Any

from ruamel.yaml import YAML

from dealflow.adapters.files.located_yaml import Tree, YamlMapping, YamlScalar, YamlSequence

# The one place where the order of keys has a meaning: a pattern goes before a later one.
_ORDERED = ("facts", "values")
_ELSE = "else"
# What comes back as it was written.
_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,17}")
_WIDTH = 120


def meaning_of(tree: Tree, path: tuple[str, ...] = ()) -> Any:
    """The content of a mapping in one form; two mappings that say the same have the same."""
    match tree:
        case YamlScalar():
            return _scalar(tree)
        case YamlSequence():
            return [meaning_of(item, path) for item in tree.items]
        case YamlMapping():
            entries = {key: meaning_of(value, (*path, key)) for key, (_, value) in tree.entries.items()}
            if path != _ORDERED:
                return dict(sorted(entries.items()))
            listed = sorted(entries.items(), key=_before_patterns)
            return [{"value": value, "facts": facts} for value, facts in listed]


def _scalar(scalar: YamlScalar) -> str | int | bool | None:
    """Yes, no and whole numbers as such, since a mapping file has them without quotes; all else as it is written."""
    if scalar.is_null:
        return None
    if scalar.plain and scalar.text in ("true", "false"):
        return scalar.text == "true"
    return int(scalar.text) if scalar.plain and _WHOLE.fullmatch(scalar.text) else scalar.text


def _before_patterns(entry: tuple[str, Any]) -> tuple[int, str]:
    value = entry[0]
    if value == _ELSE:
        return 2, ""
    return (1, "") if "*" in value else (0, value)


def without_values_of(content: Mapping[str, Any], personal: Collection[str]) -> dict[str, Any]:
    """The content without the corrections of these columns, which may name a person."""
    kept = dict(content)
    corrections = kept.get("corrections")
    if isinstance(corrections, dict):
        kept["corrections"] = {name: {} if name in personal else each for name, each in corrections.items()}
    joins = kept.get("joins")
    if isinstance(joins, list):
        kept["joins"] = [
            {**join, "values": {}} if isinstance(join, dict) and "values" in join and join.get("column") in personal else join
            for join in joins
        ]  # fmt: skip
    return kept


def as_yaml(content: Mapping[str, Any]) -> str:
    """The content as a mapping file; a key that begins the file stands first."""
    first = ("source", "process", "tables", "rows")
    facts = content.get("facts")
    if isinstance(facts, dict) and isinstance(facts.get("values"), list):
        values = {one["value"]: one["facts"] for one in facts["values"]}
        content = {**content, "facts": {**facts, "values": values}}
    ordered = {name: content[name] for name in (*first, *content) if name in content}
    writer = YAML()
    writer.allow_unicode, writer.width = True, _WIDTH
    out = StringIO()
    writer.dump(ordered, out)
    return out.getvalue()
