"""From a text to a document that may run: within its limits, parsed, valid. Checked once, then remembered."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from pathlib import PurePath
from typing import Any

from graphql import DocumentNode, FieldNode, GraphQLError, GraphQLSchema, OperationDefinitionNode, parse, validate

from tallymark.api.graphql.cost import INTROSPECTION, Measure, Question, check, shape
from tallymark.api.graphql.tokens import Tokens
from tallymark.errors import BadQuestion, NotFound

REMEMBERED = 256
MOST_ERRORS = 10
FOLDER = "documents"


class Invalid(Exception):
    """The text is no document of this schema, and why."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        self.errors = errors
        super().__init__(errors[0].message)


@dataclass(frozen=True)
class Document:
    """A document within its limits. Equal `key`: the same but for what GraphQL ignores."""

    key: str
    text: str
    parsed: DocumentNode
    figures: Mapping[str, int]

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The one named, or the only one. Raises BadQuestion."""
        operations = [one for one in self.parsed.definitions if isinstance(one, OperationDefinitionNode)]
        if name is None and len(operations) == 1:
            return operations[0]
        for one in operations:
            if name is not None and one.name and one.name.value == name:
                return one
        names = ", ".join(one.name.value for one in operations if one.name) or "none"
        raise BadQuestion(f"operationName must name one operation of the document; there are: {names}.")


@dataclass(frozen=True)
class Operation:
    """One operation of a document with its variables, and what it costs."""

    document: Document
    name: str | None
    node: OperationDefinitionNode
    figures: Mapping[str, int]

    @property
    def variables(self) -> set[str]:
        """The names of those it takes; what else is sent along does not matter."""
        return {one.variable.name.value for one in self.node.variable_definitions or ()}

    @property
    def introspects(self) -> bool:
        """Whether it asks for the schema, and for nothing else. Raises BadQuestion where it does both."""
        names = {one.name.value for one in self.node.selection_set.selections if isinstance(one, FieldNode)}
        if names.isdisjoint(INTROSPECTION):
            return False
        if names - INTROSPECTION - {"__typename"}:
            raise BadQuestion("A document asks for the schema or for figures, not for both.")
        return True


class Documents:
    """Those asked for lately, and those that are kept in the program, to be asked for by name or hash."""

    def __init__(self, schema: GraphQLSchema, questions: Mapping[str, Question]) -> None:
        self._schema = schema
        self._questions = questions
        self._known: OrderedDict[str, Document] = OrderedDict()
        self._kept = dict(_kept())

    @property
    def names(self) -> list[str]:
        """Names and hashes of those that are kept."""
        return list(self._kept)

    def kept(self, name: str) -> str:
        """The text of the one of this name, or with this SHA-256 of its text. Raises NotFound."""
        text = self._kept.get(name.removeprefix("sha256:"))
        if text is None:
            raise NotFound(f"There is no document {name[:80]!r} kept here.")
        return text

    def operation(self, text: str, name: str | None, variables: Mapping[str, Any]) -> Operation:
        """What is to run. Raises QueryTooLarge before anything costly is done, then Invalid and BadQuestion."""
        found = Tokens(text)
        check({"tokens": found.count})
        check({"tokenLength": found.longest, "brackets": found.nesting})
        key = sha256(found.text.encode()).hexdigest()
        document = self._known.get(key) or self._parsed(key, text, found)
        node = document.operation(name)
        figures = Measure(self._schema, self._questions, document.parsed, variables).operation(node)
        check(figures)
        self._remember(document)
        return Operation(document, name, node, {**document.figures, **figures})

    def _parsed(self, key: str, text: str, found: Tokens) -> Document:
        try:
            parsed = parse(text)
        except GraphQLError as wrong:
            raise Invalid([wrong]) from None
        figures = shape(parsed)
        check(figures)
        return Document(key, text, parsed, {"tokens": found.count, **figures})

    def _remember(self, document: Document) -> None:
        if document.key not in self._known:
            errors = validate(self._schema, document.parsed, max_errors=MOST_ERRORS, hide_suggestions=True)
            if errors:
                raise Invalid(errors)
            self._known[document.key] = document
        self._known.move_to_end(document.key)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)


def _kept() -> Iterator[tuple[str, str]]:
    for file in resources.files(__package__).joinpath(FOLDER).iterdir():
        if file.name.endswith(".graphql"):
            text = file.read_text("utf-8")
            yield PurePath(file.name).stem, text
            yield sha256(text.encode()).hexdigest(), text
