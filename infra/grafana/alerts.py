"""What somebody has to be told of."""

from dataclasses import dataclass
from typing import Literal

FAILING = 0.2  # of inputs in an hour, where there were a hundred
IDLE = 0.5  # of held GPUs
BEHIND_WEEKS = 2  # of work at the pace of the last one


@dataclass(frozen=True, slots=True)
class Alert:
    """A rule of Prometheus: while `expr` gives anything for as long as `lasting`."""

    name: str
    expr: str
    lasting: str
    severity: Literal["warning", "critical"]
    summary: str
    cure: str


def grown(metric: str, over: str) -> str:
    return f"sum by (lake, retold_job) (increase({metric}[{over}]))"


ALERTS = (
    Alert(
        "RetoldNoProgress",
        f"max by (lake, retold_job) (ray_retold_inputs_left) > 0 unless {grown('ray_retold_inputs_total', '30m')} > 0",
        "30m",
        "critical",
        "{{ $labels.retold_job }} has inputs left, and none was done in half an hour",
        "See the log of the run, and `retold status`; a run that is stopped goes on where the last commit was.",
    ),
    Alert(
        "RetoldFailures",
        f"{grown('ray_retold_failures_total', '1h')} / ({grown('ray_retold_inputs_total', '1h')} > 100) > {FAILING}",
        "5m",
        "warning",
        "{{ $value | humanizePercentage }} of the inputs of {{ $labels.retold_job }} failed in an hour",
        "`retold failures` says why and what can be done; `retold retry --kind KIND` works on them again.",
    ),
    Alert(
        "RetoldGpusIdle",
        f"1 - {grown('ray_retold_gpu_busy_seconds_total', '30m')}"
        f" / ({grown('ray_retold_gpu_seconds_total', '30m')} > 0) > {IDLE}",
        "15m",
        "warning",
        "the GPUs of {{ $labels.retold_job }} are without a row {{ $value | humanizePercentage }} of the time",
        "More concurrent units, larger units, or fewer GPUs: `resources` of the recipe.",
    ),
    Alert(
        "RetoldReviewBehind",
        'sum(retold_review_seats_free{duty="work"})'
        f" > {BEHIND_WEEKS} * clamp_min(sum(delta(retold_review_submits[7d])), 1)",
        "1d",
        "warning",
        "the annotators' queue holds more than two weeks of work",
        "More people, or less that is asked of them: `[review]` of the recipe.",
    ),
    Alert(
        "RetoldReviewUncollected",
        "sum(retold_review_uncollected) > 0",
        "2d",
        "warning",
        "decisions of people have waited two days for the lake",
        "`retold review collect` brings them; the next `retold run` makes captions of them.",
    ),
)
