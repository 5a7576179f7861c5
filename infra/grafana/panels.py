"""What the dashboard shows, section by section."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

OF = '{lake=~"$lake"}'
PACE = "$__rate_interval"
RAY = frozenset(
    {
        "ray_node_cpu_utilization", "ray_node_gpus_utilization", "ray_node_gram_used", "ray_node_mem_total",
        "ray_node_mem_used",
    }
)  # fmt: skip
"""Metrics of Ray itself that are shown."""


@dataclass(frozen=True, slots=True)
class Query:
    expr: str
    legend: str = "{{retold_job}}"


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture; `unit` is Grafana's name of it."""

    title: str
    queries: tuple[Query, ...]
    unit: str = "short"
    description: str = ""
    kind: Literal["timeseries", "stat"] = "timeseries"
    width: int = 8
    height: int = 7


def per_second(metric: str, by: str = "retold_job") -> str:
    """How fast a counter of a run grows."""
    return f"sum by ({by}) (rate(ray_{metric}{OF}[{PACE}]))"


def now(metric: str) -> str:
    """How a gauge of a run stands."""
    return f"sum by (retold_job) (ray_{metric}{OF})"


def share(part: str, whole: str) -> str:
    return f"{part} / ({whole} > 0)"


BUSY, HELD = per_second("retold_gpu_busy_seconds_total"), per_second("retold_gpu_seconds_total")

SECTIONS: Mapping[str, tuple[Panel, ...]] = {
    "Work": (
        Panel("Inputs left", (Query(now("retold_inputs_left")),), description="Still to do in the runs of now."),
        Panel("Inputs a second", (Query(per_second("retold_inputs_total")),), "ops"),
        Panel("Rows a second", (Query(per_second("retold_rows_total")),), "ops"),
        Panel("Waiting for another table", (Query(now("retold_inputs_blocked")),)),
        Panel("Units with the engine", (Query(now("retold_units")),), description="Queued or being worked on."),
        Panel("Workers held", (Query(now("retold_workers")),)),
    ),
    "Failures": (
        Panel(
            "Failures a second, by kind",
            (Query(per_second("retold_failures_total", "retold_job, kind"), "{{retold_job}}: {{kind}}"),),
            "ops",
            width=12,
        ),
        Panel(
            "Share of inputs that failed",
            (Query(share(per_second("retold_failures_total"), per_second("retold_inputs_total"))),),
            "percentunit",
            width=12,
        ),
    ),
    "What it takes": (
        Panel("CPUs used", (Query(per_second("retold_cpu_seconds_total")),), description="CPU seconds a second."),
        Panel(
            "Share of held workers' time that is CPU time",
            (Query(share(per_second("retold_cpu_seconds_total"), per_second("retold_worker_seconds_total"))),),
            "percentunit",
        ),
        Panel(
            "Share of held GPUs without a row",
            (Query(f"1 - {share(BUSY, HELD)}"),),
            "percentunit",
            "At least so much of what is paid for lies idle: between units, while rows are read and files written.",
        ),
        Panel(
            "Tokens a second",
            (Query(per_second("retold_tokens_total", "retold_job, direction"), "{{retold_job}} {{direction}}"),),
        ),
        Panel("Bytes read a second", (Query(per_second("retold_bytes_read_total")),), "Bps"),
        Panel("Bytes of tables written a second", (Query(per_second("retold_bytes_written_total")),), "Bps"),
    ),
    "Machines": (
        Panel("CPU of nodes", (Query("ray_node_cpu_utilization", "{{instance}}"),), "percent", width=6),
        Panel(
            "Memory of nodes",
            (Query("ray_node_mem_used / ray_node_mem_total", "{{instance}}"),),
            "percentunit",
            width=6,
        ),
        Panel(
            "GPUs, as their driver tells",
            (Query("ray_node_gpus_utilization", "{{instance}} {{GpuIndex}}"),),
            "percent",
            width=6,
        ),
        Panel(
            "Memory of GPUs used, MiB",
            (Query("ray_node_gram_used", "{{instance}} {{GpuIndex}}"),),
            "decmbytes",
            width=6,
        ),
    ),
    "People": (
        Panel("Items of the queue", (Query("sum by (state) (retold_review_items)", "{{state}}"),)),
        Panel(
            "Seats: free and held",
            (
                Query("sum by (duty) (retold_review_seats_free)", "free: {{duty}}"),
                Query("sum by (duty) (retold_review_leases)", "held: {{duty}}"),
            ),
        ),
        Panel(
            "Submitted in an hour",
            (Query("sum by (kind) (delta(retold_review_submits[1h]))", "{{kind}}"),),
        ),
        Panel("Decided", (Query("sum(retold_review_decisions)", "items"),), kind="stat", width=12, height=4),
        Panel(
            "Decided, not in the lake yet",
            (Query("sum(retold_review_uncollected)", "items"),),
            kind="stat",
            width=12,
            height=4,
        ),
    ),
}
