"""What the rows of an answer are about: products, categories, customers, looked up many at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Optional

import strawberry
from anyio import to_thread
from psycopg.rows import dict_row
from strawberry.dataloader import DataLoader
from strawberry.types import Info
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from tallymark.api.graphql.access import MEMBERS, needs
from tallymark.api.graphql.figures import field, optional
from tallymark.db import Database
from tallymark.db.queries import load
from tallymark.model import ALL_PLATFORMS, Tenant

SQL = load("tallymark.api.graphql", "records.sql")
Key = tuple[str, str]
"""A platform and an id: what a record is known by."""
Record = Mapping[str, Any]


class Records:
    """The records that one request asks for. Each kind is read once for each level of the query."""

    def __init__(self, database: Database, tenant: Tenant) -> None:
        self._database = database
        self._tenant = tenant

    @cached_property
    def products(self) -> DataLoader[Key, Record | None]:
        return self._loader(SQL.products, "product_id")

    @cached_property
    def categories(self) -> DataLoader[Key, Record | None]:
        return self._loader(SQL.categories, "category_id")

    @cached_property
    def customers(self) -> DataLoader[Key, Record | None]:
        return self._loader(SQL.customers, "customer_id")

    def _loader(self, query: str, id_column: str) -> DataLoader[Key, Record | None]:
        def read(keys: Sequence[Key]) -> list[Record | None]:
            values = {
                "tenant_id": self._tenant.tenant_id,
                "platforms": [platform for platform, _ in keys],
                "ids": [record_id for _, record_id in keys],
            }
            with (
                self._database.connect(self._tenant.tenant_id, read_only=True) as conn,
                conn.cursor(row_factory=dict_row) as cursor,
            ):
                found = {(row["platform"], row[id_column]): row for row in cursor.execute(query, values)}
            return [found.get(key) for key in keys]

        async def look_up(keys: list[Key]) -> list[Record | None]:
            return await to_thread.run_sync(read, keys)

        return DataLoader(load_fn=look_up)


async def _category(root: strawberry.Parent[Any], info: Info) -> Any:
    return await _found(info.context.records.categories, root["platform"], root["category_id"])


async def _parent(root: strawberry.Parent[Any], info: Info) -> Any:
    return await _found(info.context.records.categories, root["platform"], root["parent_id"])


async def _found(loader: DataLoader[Key, Record | None], platform: str, record_id: str | None) -> Record | None:
    return await loader.load((platform, record_id)) if record_id else None


@strawberry.type(description="A category of products. Categories are a tree.")
class Category:
    category_id: strawberry.ID = strawberry.field(name="id", description="Its id on its platform.")
    platform: str
    name: str
    parent: Optional[Annotated["Category", strawberry.lazy(__name__)]] = strawberry.field(  # noqa: UP045
        resolver=_parent, extensions=[needs(*MEMBERS)], description="The category above."
    )


@strawberry.type(description="A product, as its platform knows it now.")
class Product:
    product_id: strawberry.ID = strawberry.field(name="id", description="Its id on its platform.")
    platform: str
    sku: str | None
    name: str | None
    active: bool
    created_at: datetime | None
    cost: float | None = strawberry.field(description="What one unit costs the shop now.")
    cost_exact: Decimal | None = strawberry.field(description="What one unit costs the shop now.")
    price: float | None = strawberry.field(description="List price now.")
    price_exact: Decimal | None = strawberry.field(description="List price now.")
    category: Category | None = strawberry.field(resolver=_category, extensions=[needs(*MEMBERS)])


@strawberry.type(description="A customer, as their platform knows them now.")
class Customer:
    customer_id: strawberry.ID = strawberry.field(name="id", description="Their id on their platform.")
    platform: str
    name: str | None
    segment: str | None = strawberry.field(description="The segment the platform says they belong to.")
    created_at: datetime | None


LINKS: Mapping[str, tuple[str, type]] = {
    "productId": ("products", Product),
    "categoryId": ("categories", Category),
    "customerId": ("customers", Customer),
}
"""A row that holds such an id leads to the record it is about."""


def links(columns: Sequence[str]) -> list[StrawberryField]:
    """The fields that lead from a row to the records it names."""
    return [_link(name, *LINKS[name]) for name in columns if name in LINKS]


def _link(id_name: str, loader: str, kind: type) -> StrawberryField:
    async def follow(root: strawberry.Parent[Any], info: Info) -> Any:
        of_kind = getattr(info.context.records, loader)
        if root["platform"] != ALL_PLATFORMS:
            return await _found(of_kind, root["platform"], root[id_name])
        everywhere = [await _found(of_kind, platform, root[id_name]) for platform in await info.context.platforms()]
        found = [record for record in everywhere if record]
        # The same id on two platforms is two records, and the answer is about both.
        return found[0] if len(found) == 1 else None

    return field(
        id_name.removesuffix("Id"),
        optional(kind),
        base_resolver=StrawberryResolver(follow),
        extensions=[needs(*MEMBERS)],
    )
