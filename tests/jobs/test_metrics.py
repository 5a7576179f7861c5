"""What a run counts, and that Ray's own endpoint gives it to Prometheus."""

import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import ray
from prometheus_client.parser import text_string_to_metric_families

from curate.storage.lake import open_lake
from jobs.drive import Policy, run_job
from jobs.engines import Inline
from jobs.job import Snapshot
from jobs.metrics import METRICS, Metering
from jobs.metrics import samples as samples_of
from jobs.progress import Progress
from jobs.ray_engine import RayEngine
from jobs.ray_metrics import RayMeters
from tests.jobs import toy
from tests.jobs.toy import Length

URIS = [f"s{i}" for i in range(9)] + ["bad one"]


class Kept:
    """Meters in a dict."""

    ready = True

    def __init__(self) -> None:
        self.values = dict[tuple[str, tuple[str, ...]], float]()

    def add(self, name: str, labels: Mapping[str, str], amount: float) -> None:
        assert amount > 0
        key = name, tuple(labels.values())
        self.values[key] = self.values.get(key, 0.0) + amount

    def set(self, name: str, labels: Mapping[str, str], value: float) -> None:
        self.values[name, tuple(labels.values())] = value


def snapshot(folder: Path) -> Snapshot:
    lake = open_lake(str(folder), {})
    lake.create()
    lake.append("sources", toy.sources(URIS))
    return Snapshot(lake, {})


def test_counters_end_at_what_the_run_did_and_gauges_at_rest(tmp_path: Path) -> None:
    meters, here = Kept(), snapshot(tmp_path)
    metering = Metering("L", meters)
    done = run_job(toy.job(Length(), rows_per_unit=2), here, Inline(), Policy(), metering.watch)
    of = {name: value for (name, labels), value in meters.values.items() if labels[:2] == ("L", "length")}
    assert of["retold_inputs_total"] == len(URIS)
    assert of["retold_rows_total"] == done.rows_out == 18
    assert meters.values["retold_failures_total", ("L", "length", "not_media")] == 1
    assert of["retold_worker_seconds_total"] == pytest.approx(done.worker_s)
    assert (of["retold_inputs_left"], of["retold_units"], of["retold_workers"]) == (0, 0, 0)
    assert metering.counted == {}


def test_every_metric_is_sampled_and_every_sample_has_a_metric() -> None:
    progress = Progress("scan")
    progress.failures["gone"] = 1
    told = {(name, len(more)) for name, more, _ in samples_of(progress)}
    assert told == {(name, len(metric.labels) - 2) for name, metric in METRICS.items()}
    assert all(name.endswith("_total") == (metric.kind == "counter") for name, metric in METRICS.items())


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[RayEngine]:
    monkeypatch.setenv("RAY_metrics_report_interval_ms", "1000")
    made = RayEngine()
    yield made
    made.close()


@pytest.mark.integration
@pytest.mark.filterwarnings("default")  # Ray warns of itself
def test_ray_exports_what_a_run_counts(tmp_path: Path, engine: RayEngine) -> None:
    here = snapshot(tmp_path)
    run_job(toy.job(Length(), 2), here, engine, Policy(workers=2), Metering("L", RayMeters()).watch)
    (node,) = ray.nodes()
    url = f"http://{node['NodeManagerAddress']}:{node['MetricsExportPort']}/metrics"
    wanted = {"inputs_total": 10, "rows_total": 18, "failures_total": 1, "inputs_left": 0, "units": 0, "workers": 0}
    found: dict[str, float] = {}
    until = time.monotonic() + 60
    while not wanted.items() <= found.items() and time.monotonic() < until:
        time.sleep(0.5)
        with urllib.request.urlopen(url, timeout=10) as answer:
            samples = [
                one for family in text_string_to_metric_families(answer.read().decode()) for one in family.samples
            ]
        ours = [one for one in samples if one.labels.get("retold_job") == "length"]
        assert all(one.name.removeprefix("ray_") in METRICS for one in ours)
        found = {one.name.removeprefix("ray_retold_"): one.value for one in ours}
    assert wanted.items() <= found.items()
    assert found["worker_seconds_total"] > 0
