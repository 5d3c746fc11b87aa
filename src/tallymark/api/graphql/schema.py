"""The schema: one query type, a field for each metric of the catalogue."""

from collections.abc import Mapping
from typing import Any

import strawberry
from graphql import GraphQLError, GraphQLSchema
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import create_type
from strawberry.types import ExecutionContext

from tallymark.api.graphql.cost import Question
from tallymark.api.graphql.fields import asking, asking_trend
from tallymark.api.graphql.figures import read
from tallymark.api.graphql.scalars import SCALARS
from tallymark.api.graphql.trends import TREND
from tallymark.metrics import Catalog

ABOUT = "Every metric of the shop. A null figure is unknown, and a warning says why."


class Checked(SchemaExtension):
    """The document was parsed and checked before, with its limits; it is not done again."""

    def on_parse(self) -> Any:
        self.execution_context.graphql_document = self.execution_context.context.document
        self.execution_context.pre_execution_errors = []
        yield


class Schema(strawberry.Schema):
    """Leaves errors to whoever executes: they are logged once, and masked, there."""

    @property
    def core(self) -> GraphQLSchema:
        """The schema of the language itself, for checking documents against."""
        return self._schema

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        return None


def build(catalog: Catalog) -> tuple[Schema, Mapping[str, Question]]:
    """The schema, and what asking each of its fields costs."""
    fields = [asking_trend(metric) if metric.name == TREND else asking(metric, catalog) for metric in catalog.values()]
    schema = Schema(
        query=create_type("Query", [one.field for one in fields], description=ABOUT),
        extensions=[Checked],
        config=StrawberryConfig(
            default_resolver=read,
            disable_field_suggestions=True,
            scalar_map=SCALARS,
        ),
    )
    return schema, {one.field.graphql_name or "": one.question for one in fields}


def printed(catalog: Catalog) -> str:
    """The schema in GraphQL's own language, as `docs/schema.graphql` has it."""
    return build(catalog)[0].as_str() + "\n"
