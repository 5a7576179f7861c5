"""Metrics through Ray, whose node agents export them to Prometheus."""

from collections.abc import Mapping
from functools import cache

import ray
from ray.util.metrics import Counter, Gauge

from jobs.metrics import METRICS


class RayMeters:
    """The metrics of this process in the Ray that it has joined; before that, nothing is kept."""

    @property
    def ready(self) -> bool:
        return bool(ray.is_initialized())

    def add(self, name: str, labels: Mapping[str, str], amount: float) -> None:
        _counter(name).inc(amount, dict(labels))

    def set(self, name: str, labels: Mapping[str, str], value: float) -> None:
        _gauge(name).set(value, dict(labels))


@cache
def _counter(name: str) -> Counter:
    return Counter(name, METRICS[name].help, METRICS[name].labels)


@cache
def _gauge(name: str) -> Gauge:
    return Gauge(name, METRICS[name].help, METRICS[name].labels)
