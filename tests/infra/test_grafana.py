"""The dashboard and the alerts are what the code makes, and ask only for what there is."""

import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
from ray.dashboard.modules.reporter import reporter_agent

from curate.review.metrics import METRICS as OF_REVIEW
from infra.grafana.alerts import ALERTS
from infra.grafana.dashboard import HERE, alerts, as_json, as_yaml, dashboard
from infra.grafana.panels import RAY, SECTIONS
from jobs.metrics import METRICS as OF_RUNS
from schemas.metric import Metric

EXPORTED: dict[str, Metric] = {**{f"ray_{name}": one for name, one in OF_RUNS.items()}, **OF_REVIEW}
QUERIES = [query.expr for panels in SECTIONS.values() for panel in panels for query in panel.queries]


def parsed(expr: str) -> Any:
    """A query as Prometheus reads it, once Grafana has filled it in."""
    return promql_parser.parse(expr.replace("$__rate_interval", "1m").replace("$lake", ".*"))


def selectors(node: Any) -> Iterator[Any]:
    """The metrics that a query asks for."""
    if isinstance(node, promql_parser.VectorSelector):
        yield node
    for name in ("expr", "lhs", "rhs", "vector_selector"):
        if (inner := getattr(node, name, None)) is not None:
            yield from selectors(inner)
    for inner in getattr(node, "args", ()) or ():
        yield from selectors(inner)


@pytest.mark.parametrize("expr", [*QUERIES, *(one.expr for one in ALERTS)])
def test_a_query_can_be_read_and_names_metrics_and_labels_that_there_are(expr: str) -> None:
    asked = list(selectors(parsed(expr)))
    assert asked
    for one in asked:
        assert one.name in EXPORTED or one.name in RAY, one.name
        labels = {matcher.name for matcher in one.matchers.matchers}
        assert labels <= set(EXPORTED[one.name].labels if one.name in EXPORTED else ()), (one.name, labels)


def test_rates_are_of_counters_and_values_of_gauges() -> None:
    for expr in [*QUERIES, *(one.expr for one in ALERTS)]:
        for one in selectors(parsed(expr)):
            counted = f"rate({one.name}" in expr or f"increase({one.name}" in expr
            assert one.name in RAY or counted == (EXPORTED[one.name].kind == "counter"), expr


def test_every_metric_is_shown() -> None:
    shown = {one.name for expr in QUERIES for one in selectors(parsed(expr))}
    assert set(EXPORTED) <= shown


def test_metrics_of_ray_are_those_of_this_ray() -> None:
    source = inspect.getsource(reporter_agent)
    assert all(f'"{name.removeprefix("ray_")}"' in source for name in RAY if name.startswith("ray_node"))


def test_the_files_are_what_the_code_makes() -> None:
    assert (HERE / "retold.json").read_text() == as_json()
    assert (HERE / "alerts.yml").read_text() == as_yaml()


def test_panels_lie_side_by_side_and_none_on_another() -> None:
    taken: set[tuple[int, int]] = set()
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24
        assert not cells & taken
        taken |= cells


def test_an_alert_says_what_to_do() -> None:
    (group,) = alerts()["groups"]
    assert len({rule["alert"] for rule in group["rules"]}) == len(ALERTS)
    assert all(rule["annotations"]["description"] for rule in group["rules"])
    assert json.loads(json.dumps(alerts())) == alerts()
    assert Path(HERE / "README.md").read_text().count("| `Retold") == len(ALERTS)
