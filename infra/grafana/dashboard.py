"""The dashboard of Grafana and the alerts of Prometheus, from the metrics that there are.

.venv/bin/python -m infra.grafana.dashboard      # writes retold.json and alerts.yml beside this file
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]  # comes with Ray

from infra.grafana.alerts import ALERTS
from infra.grafana.panels import SECTIONS, Panel

HERE = Path(__file__).parent
WIDTH = 24  # columns of Grafana's grid
SOURCE = {"type": "prometheus", "uid": "${source}"}


def dashboard() -> dict[str, Any]:
    """What Grafana imports."""
    return {
        "uid": "retold",
        "title": "Retold",
        "description": "Made by infra/grafana/dashboard.py: change it there.",
        "schemaVersion": 39,
        "editable": True,
        "refresh": "10s",
        "time": {"from": "now-3h", "to": "now"},
        "templating": {"list": list(_variables())},
        "panels": list(_laid_out()),
    }


def alerts() -> dict[str, Any]:
    """What `rule_files` of Prometheus reads."""
    rules = [
        {
            "alert": one.name,
            "expr": one.expr,
            "for": one.lasting,
            "labels": {"severity": one.severity},
            "annotations": {"summary": one.summary, "description": one.cure},
        }
        for one in ALERTS
    ]
    return {"groups": [{"name": "retold", "rules": rules}]}


def _variables() -> Iterator[dict[str, Any]]:
    yield {"name": "source", "type": "datasource", "query": "prometheus", "label": "Prometheus"}
    yield {
        "name": "lake",
        "type": "query",
        "label": "Lake",
        "datasource": SOURCE,
        "query": "label_values(ray_retold_inputs_left, lake)",
        "refresh": 2,
        "multi": True,
        "includeAll": True,
        "allValue": ".*",
        "current": {"text": "All", "value": "$__all"},
    }


def _laid_out() -> Iterator[dict[str, Any]]:
    """Each section a row with its title, and under it its panels, as many beside each other as fit."""
    number = y = 0
    for title, panels in SECTIONS.items():
        number += 1
        yield {
            "id": number,
            "type": "row",
            "title": title,
            "collapsed": False,
            "panels": [],
            "gridPos": _at(0, y, WIDTH, 1),
        }
        y += 1
        for line in _lines(panels):
            x = 0
            for panel in line:
                number += 1
                yield {"id": number, **_panel(panel), "gridPos": _at(x, y, panel.width, panel.height)}
                x += panel.width
            y += max(panel.height for panel in line)


def _lines(panels: Sequence[Panel]) -> Iterator[list[Panel]]:
    line: list[Panel] = []
    for panel in panels:
        if sum(one.width for one in line) + panel.width > WIDTH:
            yield line
            line = []
        line.append(panel)
    yield line


def _panel(panel: Panel) -> dict[str, Any]:
    return {
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": SOURCE,
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}} if panel.kind == "timeseries" else {},
        "targets": [
            {"refId": chr(ord("A") + i), "expr": query.expr, "legendFormat": query.legend, "datasource": SOURCE}
            for i, query in enumerate(panel.queries)
        ],
    }


def _at(x: int, y: int, width: int, height: int) -> dict[str, int]:
    return {"x": x, "y": y, "w": width, "h": height}


def as_json() -> str:
    return json.dumps(dashboard(), indent=2) + "\n"


def as_yaml() -> str:
    return str(yaml.safe_dump(alerts(), sort_keys=False, width=120))


if __name__ == "__main__":
    (HERE / "retold.json").write_text(as_json())
    (HERE / "alerts.yml").write_text(as_yaml())
