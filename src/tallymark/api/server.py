"""The ASGI application around an instance."""

from asyncio import create_task
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from tallymark.api import graphql, openapi, pages, problems, request_ids
from tallymark.api.edge import Edge
from tallymark.api.gauges import gauges
from tallymark.api.instance import VERSION, Instance
from tallymark.api.proxies import Proxies
from tallymark.api.rest import ROUTERS
from tallymark.api.traced import traced
from tallymark.cache import Warming
from tallymark.monitoring import tracing

PATIENCE = 2.0


class Server(FastAPI):
    """The framework behind its edge, which is entered first."""

    edge: Edge | None = None
    enter: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.edge is None:
            parts: Instance = self.state.instance
            traffic = parts.monitor.traffic if parts.settings.monitoring else None
            proxies = Proxies(parts.settings.proxies)
            largest = parts.uploads.most_bytes
            self.edge = Edge(super().__call__, parts.lane, parts.quotas, proxies, traffic, largest)
            self.enter = partial(traced, self.edge) if tracing.on() else self.edge
        await self.enter(scope, receive, send)

    def build_middleware_stack(self) -> ASGIApp:
        """Without the framework's outermost layer, which answers unexpected errors in its own words: the edge does."""
        outermost = super().build_middleware_stack()
        assert isinstance(outermost, ServerErrorMiddleware)
        return outermost.app


async def warm(instance: Instance) -> None:
    """Keeps answers ready until the server ends."""
    await Warming(instance.answers, instance.database, instance.catalog, lambda: datetime.now(UTC)).run()


def build(instance: Instance, close: Callable[[], None]) -> FastAPI:
    """The application; `close` is called when it stops."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        request_ids.begin()
        async with instance.answers.listening(), instance.monitor.watching(partial(gauges, instance)):
            beside = [create_task(instance.uploads.keep_swept())]
            if instance.warming:
                beside.append(create_task(warm(instance)))
            yield
            for task in beside:
                task.cancel()
            await instance.streams.empty(PATIENCE)
        await run_in_threadpool(close)

    app = Server(
        title="Tallymark",
        version=VERSION,
        description="Analytics for commerce: exact figures with their age.",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=lifespan,
    )
    app.state.instance = instance
    problems.install(app)
    for router in (*ROUTERS, graphql.routes(instance), openapi.router, pages.router):
        app.include_router(router)

    @cache
    def described() -> dict[str, Any]:
        return openapi.document(app, instance.catalog)

    app.openapi = described  # type: ignore[method-assign]
    return app
