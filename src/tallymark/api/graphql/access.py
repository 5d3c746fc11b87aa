"""Whom a field lets in. Every field that works something out declares it; a test fails on one that does not.

The route has let in nobody but members of the shop already.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from strawberry.extensions import FieldExtension
from strawberry.types import Info

from tallymark.api.auth import ROLES
from tallymark.errors import NotAllowed

MEMBERS = ROLES


class Needs(FieldExtension):
    """Refuses everybody without one of these roles."""

    def __init__(self, roles: tuple[str, ...]) -> None:
        self.roles = frozenset(roles)

    async def resolve_async(self, next_: Callable[..., Awaitable[Any]], source: Any, info: Info, **given: Any) -> Any:
        if info.context.visitor.role not in self.roles:
            raise NotAllowed(f"{info.field_name} is for {' and '.join(sorted(self.roles))}.")
        return await next_(source, info, **given)


def needs(*roles: str) -> Needs:
    return Needs(roles)
