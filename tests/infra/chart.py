"""The chart of infra/k8s, rendered by Helm."""

import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

import yaml

from tests.models.made import ROOT

CHART = ROOT / "infra" / "k8s"
RELEASE = "corpus"
Manifest = dict[str, Any]

# in a process of its own: Helm brings Go's threads
_RENDER = """
import json, sys
import helm_python
with helm_python.Chart.load(sys.argv[1]) as chart:
    try:
        json.dump({"rendered": chart.render(json.load(sys.stdin), name=sys.argv[2], namespace="retold")}, sys.stdout)
    except helm_python.HelmValuesError as error:
        json.dump({"refused": str(error)}, sys.stdout)
"""
_LINT = """
import json, sys
import helm_python
json.dump(helm_python.lint(sys.argv[1], json.load(sys.stdin), strict=True), sys.stdout)
"""


class Refused(Exception):
    """Values that the chart's schema does not take."""


def _helm(program: str, values: str) -> dict[str, Any]:
    asked = [sys.executable, "-c", program, CHART, RELEASE]
    said: dict[str, Any] = json.loads(
        subprocess.run(asked, input=values, text=True, capture_output=True, check=True).stdout
    )
    return said


@cache
def _rendered(values: str) -> dict[str, str]:
    said = _helm(_RENDER, values)
    if "refused" in said:
        raise Refused(said["refused"])
    rendered: dict[str, str] = said["rendered"]
    return rendered


def lint(**values: Any) -> dict[str, Any]:
    """What `helm lint --strict` says."""
    return _helm(_LINT, json.dumps(values))


def manifests(**values: Any) -> list[Manifest]:
    """All objects of a release, with these values over the chart's own; `Refused` where they are wrong."""
    return [one for text in _rendered(json.dumps(values)).values() for one in yaml.safe_load_all(text) if one]


def named(kind: str, found: list[Manifest]) -> dict[str, Manifest]:
    """The objects of a kind by name, without that of the release."""
    return {
        one["metadata"]["name"].removeprefix(RELEASE).removeprefix("-"): one for one in found if one["kind"] == kind
    }


def clusters(found: list[Manifest]) -> Iterator[Manifest]:
    """The specifications of clusters of Ray: one that stands, and those of jobs."""
    for one in found:
        if one["kind"] == "RayCluster":
            yield one["spec"]
        if one["kind"] == "RayJob":
            yield one["spec"]["rayClusterSpec"]


def groups(found: list[Manifest]) -> Iterator[Manifest]:
    """Heads and groups of workers."""
    for cluster in clusters(found):
        yield cluster["headGroupSpec"]
        yield from cluster["workerGroupSpecs"]


def pods(found: list[Manifest]) -> Iterator[Manifest]:
    """The templates of all pods."""
    yield from (group["template"] for group in groups(found))
    yield from (one["spec"]["template"] for one in found if one["kind"] == "Deployment")
