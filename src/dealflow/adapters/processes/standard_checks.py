"""What must hold in a standard: its kinds and fields exist, what is added up fits, its rules can be evaluated."""

from collections.abc import Collection

from dealflow.adapters.files.file_model import place_of
from dealflow.adapters.files.located_yaml import Problems, Tree, YamlMapping, YamlScalar, one_of
from dealflow.adapters.processes.cel import MAX_EXPRESSION, CelRules, Expected
from dealflow.domain.process.definition import AUTHOR, FieldType, ProcessDefinition, Standard, Subtraction, Sum
from dealflow.domain.values.duration import Unit
from dealflow.domain.values.phrase import phrase

Path = tuple[str | int, ...]
_SUMMED = (FieldType.MONEY, FieldType.INTEGER)
_ELAPSED_UNITS = ", ".join(unit.value for unit in Unit if not unit.is_working)


class StandardChecks:
    """Checks the standards of a draft; every fault goes to `problems` with its place in the file."""

    def __init__(self, draft: ProcessDefinition, tree: Tree, problems: Problems) -> None:
        self.draft = draft
        self.tree = tree
        self.problems = problems
        self.rules = CelRules(draft)
        self.node_order = [node.id for stage in draft.stages for node in stage.nodes]
        self.stage_order = [stage.id for stage in draft.stages]

    def at(self, *path: str | int) -> Tree:
        """The part of the file at a path, or the nearest part around it that exists."""
        return place_of(self.tree, path)

    def key(self, *path: str | int) -> Tree:
        """The key under which a part stands, for faults of the name itself."""
        around = self.at(*path[:-1])
        if isinstance(around, YamlMapping) and path[-1] in around.entries:
            return around.entries[str(path[-1])][0]
        return around

    def standard(self, path: Path, standard: Standard) -> None:
        for key, parts in (("all_of", standard.all_of), ("any_of", standard.any_of)):
            for i, part in enumerate(parts):
                self.standard((*path, key, i), part)
        if standard.not_older_than is not None and standard.not_older_than.unit.is_working:
            wrong = phrase("the age of evidence is counted in elapsed time")
            self.problems.add(
                self.at(*path, "not_older_than"), "unit", wrong, phrase("one of {units}", units=_ELAPSED_UNITS)
            )
        self.latest((*path, "latest"), standard)
        kind = standard.kind
        if kind is None or not self.known_kind(
            (*path, "evidence"), standard.evidence or kind, tell=not standard.latest
        ):
            return
        self.without_effect(path, standard)
        fields = self.draft.evidence[kind].fields
        if standard.where:
            self.expression((*path, "where"), kind, standard.where, "bool")
        if standard.distinct is not None and standard.distinct not in (*fields, AUTHOR):
            self.unknown_field(self.at(*path, "distinct"), standard.distinct, kind, (*fields, AUTHOR))
        if standard.sum is not None:
            self.sum((*path, "sum"), kind, standard.sum)

    def without_effect(self, path: Path, standard: Standard) -> None:
        """Keys that say something and decide nothing, so that the author meant something else."""
        if standard.distinct and not standard.latest and standard.sum is None and standard.count == 1:
            wrong = phrase("'distinct' decides nothing where one piece is enough")
            right = phrase("add count, 2 or more, or sum, or remove it")
            self.problems.add(self.at(*path, "distinct"), "no-effect", wrong, right)
        decides = standard.where is not None or standard.not_older_than is not None
        if len(standard.latest) == 1 and not decides and standard.kind in standard.latest:
            wrong = phrase("'latest' decides nothing: every '{kind}' meets the standard", kind=standard.latest[0][:60])
            right = phrase("name the kind that takes its place, or add where, or write evidence")
            self.problems.add(self.at(*path, "latest"), "no-effect", wrong, right)

    def known_kind(self, path: Path, kind: str, *, tell: bool = True) -> bool:
        if kind in self.draft.evidence:
            return True
        if kind and tell:
            known = sorted(self.draft.evidence)
            right = one_of(known) if known else phrase("describe it under evidence:")
            wrong = phrase("unknown evidence kind '{kind}'", kind=kind[:60])
            self.problems.add(self.at(*path), "unknown-kind", wrong, right, near=(kind, known))
        return False

    def unknown_field(self, place: Tree, name: str, kind: str, known: Collection[str]) -> None:
        if name:
            wrong = phrase("'{name}' is not a field of '{kind}'", name=name[:60], kind=kind)
            self.problems.add(place, "unknown-field", wrong, one_of(known) if known else None, near=(name, known))

    def latest(self, path: Path, standard: Standard) -> None:
        """Kinds of which only the last piece counts; the one that the standard asks for is among them."""
        for i, kind in enumerate(standard.latest):
            self.known_kind((*path, i), kind)
            if kind and kind in standard.latest[:i]:
                wrong = phrase("the kind '{kind}' stands twice", kind=kind[:60])
                self.problems.add(self.at(*path, i), "duplicate-id", wrong, phrase("keep one"))
        if standard.latest and standard.evidence and standard.evidence not in standard.latest:
            wrong = phrase("'latest' leaves out '{kind}', which the standard asks for", kind=standard.evidence[:60])
            self.problems.add(self.at(*path), "latest", wrong, phrase("add {kind} to it", kind=standard.evidence[:60]))
            self.known_kind((*path[:-1], "evidence"), standard.evidence)

    def sum(self, path: Path, kind: str, whole: Sum) -> None:
        fields = self.draft.evidence[kind].fields
        summed = fields.get(whole.field)
        if summed is None:
            self.unknown_field(self.at(*path, "field"), whole.field, kind, fields)
        elif summed.type not in _SUMMED:
            wrong = phrase(
                "'{name}' is of type {type} and cannot be added up", name=whole.field, type=summed.type.value
            )
            self.problems.add(self.at(*path, "field"), "sum-type", wrong, phrase("a field of type money or integer"))
        if whole.at_least:
            is_money = summed is not None and summed.type is FieldType.MONEY
            self.expression((*path, "at_least"), kind, whole.at_least, "money" if is_money else "int")
        for i, taken in enumerate(whole.subtract):
            one = (*path, "subtract") if isinstance(self.at(*path, "subtract"), YamlMapping) else (*path, "subtract", i)
            self.subtraction(one, kind, whole.field, taken)

    def subtraction(self, path: Path, kind: str, summed: str, taken: Subtraction) -> None:
        """What takes back is of another kind, in a field of the type that is added up."""
        if not self.known_kind((*path, "evidence"), taken.evidence):
            return
        if taken.evidence == kind:
            wrong = phrase("'{kind}' cannot be added and subtracted", kind=kind)
            self.problems.add(self.at(*path, "evidence"), "subtract", wrong, phrase("a kind of its own"))
        added, fields = self.draft.evidence[kind].fields, self.draft.evidence[taken.evidence].fields
        field = fields.get(taken.field)
        if field is None:
            self.unknown_field(self.at(*path, "field"), taken.field, taken.evidence, fields)
        elif summed in added and added[summed].type in _SUMMED and field.type is not added[summed].type:
            wrong = phrase(
                "'{name}' is of type {type}, and the sum is of {right}",
                name=taken.field,
                type=field.type.value,
                right=added[summed].type.value,
            )
            self.problems.add(self.at(*path, "field"), "sum-type", wrong)
        if taken.names is not None:
            for where, known in ((taken.evidence, fields), (kind, added)):
                if taken.names not in known:
                    self.unknown_field(self.at(*path, "names"), taken.names, where, known)

    def expression(self, path: Path, kind: str, text: str, expected: Expected) -> None:
        place = self.at(*path)
        for fault in self.rules.check_expression(kind, text, expected):
            where = (
                phrase("line {line}, column {column}", line=fault.line, column=fault.column)
                if fault.line > 1
                else phrase("column {column}", column=fault.column)
            )
            shown = phrase("{where} of the expression: {wrong}", where=where, wrong=fault.message)
            right = phrase("at most {most} characters", most=MAX_EXPRESSION) if len(text) > MAX_EXPRESSION else None
            at = self.inside(place, text, fault.column) if fault.line == 1 else (place.line, place.column)
            self.problems.add(at, "cel", shown, right, suggestion=fault.suggestion)

    def inside(self, place: Tree, text: str, column: int) -> tuple[int, int]:
        """The file's own column, where the expression stands in one line as it is."""
        line = self.problems.lines[place.line - 1] if place.line <= len(self.problems.lines) else ""
        offset = place.column - 1 + (0 if isinstance(place, YamlScalar) and place.plain else 1)
        return (place.line, offset + column) if line[offset:].startswith(text) else (place.line, place.column)
