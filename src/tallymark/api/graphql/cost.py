"""What a document costs, told before anything of it runs, and the limits it is held to.

Complexity counts what would be made: the metric's weight for each question asked, and for each object of the answer,
row or nested, 1 for every five figures of it. A list counts as many times as it may be long.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_composite_type,
)
from graphql.utilities import value_from_ast_untyped

from tallymark.errors import QueryTooLarge

LIMITS: Mapping[str, int] = {
    "tokens": 1000,
    "tokenLength": 1000,
    "brackets": 40,
    "fragments": 15,
    "duplicateFields": 10,
    "depth": 10,
    "aliases": 30,
    "complexity": 1000,
}
FIGURES_FOR_ONE = 5
LIST_OF_THE_SCHEMA = 100
LISTS_OF_THE_SCHEMA = {
    "types", "directives", "fields", "args", "inputFields", "interfaces", "enumValues", "possibleTypes",
}  # fmt: skip
TYPES_OF_THE_SCHEMA = {"type", "ofType", "interfaces", "possibleTypes"}
INTROSPECTION = {"__schema", "__type"}

Given = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """A field that asks a metric: what asking costs, and how many rows come back for these arguments."""

    weight: int
    rows: Callable[[Given], int]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a selection asks of one object: its own figures, all below them, and how deep that goes."""

    figures: int = 0
    below: int = 0
    depth: int = 0
    aliases: int = 0

    def __add__(self, other: "Asked") -> "Asked":
        return Asked(
            self.figures + other.figures,
            self.below + other.below,
            max(self.depth, other.depth),
            self.aliases + other.aliases,
        )

    @property
    def cost(self) -> int:
        """Of one object."""
        return max(1, -(-self.figures // FIGURES_FOR_ONE)) + self.below


def check(figures: Mapping[str, int]) -> None:
    """Raises QueryTooLarge for the first figure that is over its limit, naming both."""
    for name, figure in figures.items():
        if figure > LIMITS[name]:
            raise QueryTooLarge(
                f"The query's {name}: {figure:,}; the limit is {LIMITS[name]:,}.",
                details={"limit": name, "allowed": LIMITS[name], "figure": figure},
            )


def shape(document: DocumentNode) -> dict[str, int]:
    """The figures that bound what checking the document costs; each definition counts once."""
    sets = [
        definition.selection_set
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode | FragmentDefinitionNode)
    ]
    spreads = sum(isinstance(one, FragmentDefinitionNode) for one in document.definitions)
    return {"fragments": spreads, "duplicateFields": sum(_duplicates(one) for one in sets)}


def _duplicates(selected: SelectionSetNode) -> int:
    """How often a name stands again beside itself, here and below: each pair has to be compared."""
    fields = list(_beside(selected))
    names = {field.alias.value if field.alias else field.name.value for field in fields}
    return len(fields) - len(names) + sum(_duplicates(field.selection_set) for field in fields if field.selection_set)


def _beside(selected: SelectionSetNode) -> Iterator[FieldNode]:
    for one in selected.selections:
        if isinstance(one, FieldNode):
            yield one
        elif isinstance(one, InlineFragmentNode):
            yield from _beside(one.selection_set)


class Measure:
    """Measures one document with its variables. Nothing of it need be valid: what is unknown counts as a figure."""

    def __init__(
        self, schema: GraphQLSchema, questions: Mapping[str, Question], document: DocumentNode, variables: Given
    ) -> None:
        self._schema = schema
        self._questions = questions
        self._variables = variables
        self._fragments = {
            one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
        }
        self._asked: dict[str, Asked] = {}

    def operation(self, operation: OperationDefinitionNode) -> dict[str, int]:
        asked = self._set(operation.selection_set, self._schema.query_type)
        return {"depth": asked.depth, "aliases": asked.aliases, "complexity": asked.below}

    def _set(self, selected: SelectionSetNode, parent: GraphQLNamedType | None) -> Asked:
        asked = Asked()
        for one in selected.selections:
            if isinstance(one, FieldNode):
                asked += self._field(one, parent)
            elif isinstance(one, InlineFragmentNode):
                asked += self._set(one.selection_set, parent)
            elif isinstance(one, FragmentSpreadNode):
                asked += self._fragment(one.name.value)
        return asked

    def _fragment(self, name: str) -> Asked:
        """Worked out once, however often it is spread; one that holds itself is refused later, by the validation."""
        if name not in self._asked:
            self._asked[name] = Asked()
            if fragment := self._fragments.get(name):
                parent = self._schema.get_type(fragment.type_condition.name.value)
                self._asked[name] = self._set(fragment.selection_set, parent)
        return self._asked[name]

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None) -> Asked:
        aliases = 1 if node.alias else 0
        if node.name.value in INTROSPECTION:
            return Asked(below=1, depth=1, aliases=aliases) + self._introspected(node, False)
        kind = self._type(node, parent)
        if node.selection_set is None or not is_composite_type(kind):
            return Asked(figures=1, depth=1, aliases=aliases)
        inner = self._set(node.selection_set, kind)
        return Asked(below=self._cost(node, parent, inner), depth=1 + inner.depth, aliases=aliases + inner.aliases)

    def _type(self, node: FieldNode, parent: GraphQLNamedType | None) -> GraphQLNamedType | None:
        field = getattr(parent, "fields", {}).get(node.name.value)
        return get_named_type(field.type) if field else None

    def _cost(self, node: FieldNode, parent: GraphQLNamedType | None, inner: Asked) -> int:
        question = self._questions.get(node.name.value) if parent is self._schema.query_type else None
        if question is None:
            return inner.cost
        given = {
            one.name.value: value_from_ast_untyped(one.value, dict(self._variables)) for one in node.arguments or ()
        }
        return question.weight + question.rows(given) * inner.cost

    def _introspected(self, node: FieldNode | InlineFragmentNode | FragmentDefinitionNode, inside: bool) -> Asked:
        """The schema is as long as it is: each list of it costs the same, ten times so `inside` a type."""
        asked = Asked()
        for one in node.selection_set.selections if node.selection_set else ():
            if isinstance(one, FragmentSpreadNode):
                asked += self._introspected_fragment(one.name.value, inside)
            elif isinstance(one, InlineFragmentNode):
                asked += self._introspected(one, inside)
            elif isinstance(one, FieldNode):
                listed = LIST_OF_THE_SCHEMA * (10 if inside else 1) if one.name.value in LISTS_OF_THE_SCHEMA else 0
                below = self._introspected(one, inside or one.name.value in TYPES_OF_THE_SCHEMA)
                asked += Asked(below=listed, aliases=1 if one.alias else 0) + below
        return asked

    def _introspected_fragment(self, name: str, inside: bool) -> Asked:
        key = f"{name} of the schema{' inside' if inside else ''}"
        if key not in self._asked:
            self._asked[key] = Asked()
            if fragment := self._fragments.get(name):
                self._asked[key] = self._introspected(fragment, inside)
        return self._asked[key]
