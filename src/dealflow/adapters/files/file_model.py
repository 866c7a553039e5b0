"""Models of files that people write: what does not fit a model is told with its line, its field and what would be right."""

from collections.abc import Callable, Collection, Mapping
from typing import Annotated, Any, ClassVar, Literal, TypeVar, get_args, get_origin

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from dealflow.adapters.files.located_yaml import (
    LocatedProblem,
    Problems,
    Tree,
    YamlMapping,
    YamlScalar,
    YamlSequence,
    one_of,
)
from dealflow.domain.values.phrase import Phrase, phrase
from dealflow.domain.values.text.visible import is_text

MAX_SHOWN = 60


def _seen(given: str) -> str:
    if not is_text(given):
        raise file_fault("type", lambda what: phrase("{what} must be a text", what=what), phrase("write one"))
    return given


FileText = Annotated[str, StringConstraints(pattern=r"\S"), AfterValidator(_seen)]
Place = tuple[int | str, ...]
Model = TypeVar("Model", bound="FileModel")


class FileModel(BaseModel):
    """One mapping of a file. Its fields are the keys, and their descriptions are the reference and the editors' help."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True)
    named_by: ClassVar[str] = "id"

    @classmethod
    def called(cls, _name: str | None) -> Phrase:
        """What a message calls this mapping, by its name where it has one."""
        return phrase("the file")


def file_fault(
    rule: str,
    wrong: Phrase | Callable[[Phrase], Phrase],
    right: Phrase | None = None,
    *,
    near: tuple[str, Collection[str]] | None = None,
    at: Place = (),
) -> PydanticCustomError:
    """What a validator of a file model raises: `wrong` may ask what the value is called, `at` is a place inside it."""
    return PydanticCustomError("file_fault", "a fault", {"told": (rule, wrong, right, near, at)})


def read_model(model: type[Model], tree: Tree, problems: Problems, called: Phrase | None = None) -> Model | None:
    """The tree as a model. Every fault is recorded, and what is faulty counts as left out; None when nothing is left.

    `called` is what messages call it, where the model does not know.
    """
    given = plain(tree)
    try:
        return model.model_validate(given)
    except ValidationError as error:
        faults = error.errors(include_url=False)
    for fault in faults:
        _Telling(model, given, tree, problems, called).tell(fault)
    if not isinstance(given, dict):
        return None
    faulty = {fault["loc"][0] for fault in faults}
    try:
        return model.model_validate({key: value for key, value in given.items() if key not in faulty})
    except ValidationError:
        return None  # a key that is needed was faulty, and that has been told


def read_list(
    document: type[FileModel], entry: type[Model], tree: Tree, problems: Problems
) -> list[tuple[Tree, Model]]:
    """The entries of a file's list, with their places; a faulty one does not hide the others.

    The list stands under the document's first key. What stands under its others is read by itself.
    """
    key, *others = document.model_fields
    listed = tree.entries.get(key) if isinstance(tree, YamlMapping) else None
    # The list itself is read entry by entry; here it only has to be one.
    shell: Tree = tree
    if isinstance(tree, YamlMapping):
        entries = {name: entry for name, entry in tree.entries.items() if name not in others}
        if listed is not None and isinstance(listed[1], YamlSequence):
            entries[key] = (listed[0], YamlSequence(listed[1].line, listed[1].column))
        shell = YamlMapping(tree.line, tree.column, entries)
    read_model(document, shell, problems)
    items = listed[1].items if listed is not None and isinstance(listed[1], YamlSequence) else []
    found = [(item, read_model(entry, item, problems)) for item in items]
    return [(item, model) for item, model in found if model is not None]


def advised(document: type[FileModel], problems: Problems) -> list[LocatedProblem]:
    """The problems of a file that could not be read at all; the advice of the YAML's reader is for templates."""
    key = next(iter(document.model_fields))
    advice = {"empty": phrase("it begins with {key}:", key=key), "too-large": None, "documents": phrase("keep one")}
    return [problem.model_copy(update={"right": advice.get(problem.rule, problem.right)}) for problem in problems.found]


def plain(tree: Tree) -> Any:
    """Texts, lists and dicts; a number or a date stays the text that was written."""
    match tree:
        case YamlScalar():
            return None if tree.is_null else tree.text
        case YamlSequence():
            return [plain(item) for item in tree.items]
        case YamlMapping():
            return {key: plain(value) for key, (_, value) in tree.entries.items()}


def place_of(tree: Tree, place: Place) -> Tree:
    """The value at a place of the tree, or what is nearest above it."""
    for part in place:
        if isinstance(tree, YamlMapping) and part in tree.entries:
            tree = tree.entries[str(part)][1]
        elif isinstance(tree, YamlSequence) and isinstance(part, int) and part < len(tree.items):
            tree = tree.items[part]
        else:
            break
    return tree


def json_schema(document: type[FileModel]) -> dict[str, Any]:
    """The JSON Schema of a file, for editors: the keys with their descriptions."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **document.model_json_schema()}


class _Telling:
    """Says the faults of one model, each with its place and what the value is called."""

    def __init__(
        self, model: type[FileModel], given: object, tree: Tree, problems: Problems, called: Phrase | None
    ) -> None:
        self.model, self.given, self.tree, self.problems = model, given, tree, problems
        self.called = called or model.called(_name(model, given))

    def tell(self, fault: ErrorDetails) -> None:
        place = fault["loc"]
        tree = place_of(self.tree, place)
        if fault["type"] == "extra_forbidden":
            self._unknown_key(place)
        elif fault["type"] == "missing":
            owner, _, _ = self._at(place[:-1])
            wrong = phrase("{what} has no '{key}'", what=owner, key=place[-1])
            self.problems.add(tree, "missing", wrong, phrase("add {key}:", key=place[-1]))
        elif fault["type"] == "file_fault":
            rule, wrong, right, near, inside = fault["ctx"]["told"]
            wrong = wrong(self._at(place)[0]) if callable(wrong) else wrong
            self.problems.add(place_of(tree, inside), rule, wrong, right, near=near)
        else:
            self._shape(fault, tree)

    def _unknown_key(self, place: Place) -> None:
        owner, model, _ = self._at(place[:-1])
        mapping, key = place_of(self.tree, place[:-1]), str(place[-1])
        at = mapping.entries[key][0] if isinstance(mapping, YamlMapping) else mapping
        keys = tuple(model.model_fields)
        wrong = phrase("unknown key '{key}' in {what}", key=key[:MAX_SHOWN], what=owner)
        self.problems.add(at, "unknown-key", wrong, phrase("keys: {keys}", keys=keys), near=(key, keys))

    def _shape(self, fault: ErrorDetails, tree: Tree) -> None:
        what, model, annotation = self._at(fault["loc"])
        match fault["type"]:
            case "string_type" | "string_pattern_mismatch" | "string_unicode":
                self.problems.add(tree, "type", phrase("{what} must be a text", what=what), phrase("write one"))
            case "tuple_type":
                right = phrase("write [a, b] or one item a line after a dash")
                self.problems.add(tree, "type", phrase("{what} must be a list", what=what), right)
            case "model_type":
                right = phrase("keys: {keys}", keys=tuple(model.model_fields))
                self.problems.add(tree, "type", phrase("{what} must be a mapping", what=what), right)
            case "literal_error":
                given, options = str(fault["input"]), _options(annotation)
                wrong = phrase("{what} cannot be '{given}'", what=what, given=given[:MAX_SHOWN])
                self.problems.add(tree, "choice", wrong, one_of(options), near=(given, options))
            case other:
                raise AssertionError(f"no message for the fault {other}")

    def _at(self, place: Place) -> tuple[Phrase, type[FileModel], Any]:
        """What the value at a place is called, the model that it is in, and its annotation."""
        model, given = self.model, self.given
        annotation: Any = model
        owner = what = self.called
        for part in place:
            if isinstance(part, str):
                annotation = model.model_fields[part].annotation
                given = given.get(part) if isinstance(given, dict) else None
                what = phrase("'{key}' of {what}", key=part, what=owner)
                continue
            annotation = get_args(annotation)[0]
            given = given[part] if isinstance(given, list) and part < len(given) else None
            if isinstance(annotation, type) and issubclass(annotation, FileModel):
                model = annotation
                owner = what = phrase("{entry} of {what}", entry=model.called(_name(model, given)), what=owner)
            else:
                what = phrase("an entry of {what}", what=what)
        return what, model, annotation


def _name(model: type[FileModel], given: object) -> str | None:
    name = given.get(model.named_by) if isinstance(given, Mapping) else None
    return name[:MAX_SHOWN] if isinstance(name, str) and is_text(name) else None


def _options(annotation: Any) -> tuple[str, ...]:
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    return next((found for inner in get_args(annotation) if (found := _options(inner))), ())
