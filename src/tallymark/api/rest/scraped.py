"""What Prometheus reads: everything that is measured, of all processes of this server."""

from fastapi import APIRouter, Depends, Response

from tallymark.api import gauges
from tallymark.api.rest.access import OPERATORS, Parts
from tallymark.api.rest.shapes import refusals
from tallymark.monitoring import MEDIA_TYPE, exposed

router = APIRouter(tags=["monitoring"], dependencies=[Depends(OPERATORS)])


@router.get(
    "/metrics",
    response_class=Response,
    responses={
        200: {
            "description": "The text format of Prometheus.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        },
        **refusals(401, 404),
    },
    summary="Metrics for Prometheus",
)
def metrics(parts: Parts) -> Response:
    """Needs `TALLYMARK_METRICS_TOKEN` as bearer token: what is told is of the whole installation."""
    values = parts.monitor.values()
    values.update(parts.standing.readings())
    values.update(gauges.of_work(parts.database))
    return Response(exposed(values), media_type=MEDIA_TYPE)
