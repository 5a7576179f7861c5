"""How the queue stands, for Prometheus: `GET /metrics`, to who has the token."""

from collections.abc import Iterator, Mapping
from secrets import compare_digest
from types import MappingProxyType

from fastapi import APIRouter, Request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector
from sqlalchemy import Engine, func, select
from starlette.responses import PlainTextResponse, Response

from curate.review.database import reading
from curate.review.door import InRoom
from curate.review.tables import DECISIONS, ITEMS, REVISIONS, SEATS
from schemas.metric import Metric

METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        "retold_review_items": Metric("gauge", "Items, by state.", ("state",)),
        "retold_review_seats_free": Metric("gauge", "Open seats that nobody holds: what is to be done.", ("duty",)),
        "retold_review_leases": Metric("gauge", "Open seats that somebody holds.", ("duty",)),
        "retold_review_submits": Metric("gauge", "What people submitted and did not take back.", ("kind",)),
        "retold_review_decisions": Metric("gauge", "Items that are decided.", ("settled_by",)),
        "retold_review_uncollected": Metric("gauge", "Decisions that are not in the lake yet."),
    }
)
"""By name. All are gauges: what is undone or taken down is no longer counted."""

Counts = dict[str, dict[tuple[str, ...], int]]


def counts(engine: Engine, now_us: int) -> Counts:
    """Metric -> values of its labels -> how many."""
    seats = select(SEATS.c.duty, func.count()).where(SEATS.c.state == "open").group_by(SEATS.c.duty)
    asked = {
        "retold_review_items": select(ITEMS.c.state, func.count()).group_by(ITEMS.c.state),
        "retold_review_seats_free": seats.where(SEATS.c.ends_us <= now_us),
        "retold_review_leases": seats.where(SEATS.c.ends_us > now_us),
        "retold_review_submits": select(REVISIONS.c.kind, func.count())
        .where(REVISIONS.c.undone_us.is_(None))
        .group_by(REVISIONS.c.kind),
        "retold_review_decisions": select(DECISIONS.c.settled_by, func.count()).group_by(DECISIONS.c.settled_by),
        "retold_review_uncollected": select(func.count()).where(DECISIONS.c.number.is_(None)),
    }
    with reading(engine) as connection:
        return {name: {tuple(row[:-1]): row[-1] for row in connection.execute(one)} for name, one in asked.items()}


class _Found(Collector):
    """Counts as metrics."""

    def __init__(self, found: Counts) -> None:
        self.found = found

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, metric in METRICS.items():
            family = GaugeMetricFamily(name, metric.help, labels=metric.labels)
            for labels, count in self.found[name].items():
                family.add_metric(labels, count)
            yield family


def routes(token: str) -> APIRouter:
    """`/metrics`, for requests with `Authorization: Bearer TOKEN`."""
    made = APIRouter()

    @made.get("/metrics", response_class=PlainTextResponse)
    def metrics(request: Request, at: InRoom) -> Response:
        given = request.headers.get("authorization", "")
        if not compare_digest(given.encode(), f"Bearer {token}".encode()):
            return PlainTextResponse("the token is missing, or another one", 401, {"WWW-Authenticate": "Bearer"})
        registry = CollectorRegistry()
        registry.register(_Found(counts(at.desk.engine, at.desk.clock())))
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    return made
