"""A span around a request, where requests are traced."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tallymark.api.routed import route_of
from tallymark.monitoring import OTHER, tracing


async def traced(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Called by the route it went to; what the fast lane has answered is called by its method alone."""
    if scope["type"] != "http":
        await app(scope, receive, send)
        return
    told = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    parent = {name: told[name] for name in ("traceparent", "tracestate") if name in told}
    method, status = scope["method"], 500

    async def noting(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        await send(message)

    with tracing.span(method, {"http.request.method": method}, kind="server", parent=parent) as span:
        try:
            await app(scope, receive, noting)
        finally:
            route = route_of(scope)
            span.set_attribute("http.response.status_code", status)
            if route != OTHER:
                span.set_attribute("http.route", route)
                span.update_name(f"{method} {route}")
