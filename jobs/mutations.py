"""How good the check is: captions of the lake are broken on purpose, and the check is asked again."""

from rich.table import Table

from captioners.check.mutate.detection import Detections, Rate, detection_rates
from jobs import gather
from jobs.job import Snapshot
from jobs.recipe import Recipe

MOST = 2000  # captions; more would not sharpen the rates


def detections_of(snapshot: Snapshot, recipe: Recipe) -> Detections:
    """Break up to `MOST` captions of the recipe in every way that they can be broken."""
    captions = snapshot.payload("captions").select("caption_id").sort("caption_id").head(MOST).collect()
    ids = captions["caption_id"].to_list()
    return detection_rates(gather.captioned(snapshot, ids), recipe.check)


def detection_table(detections: Detections) -> Table:
    """A row for each kind of error, rates with their 95 % intervals."""
    rate = detections.false_alarm_rate
    alarms = "none tested" if rate is None else f"{told(rate)} of {detections.captions} unbroken captions"
    grid = Table(title=f"false alarms: {alarms}", box=None, header_style="bold", title_justify="left", pad_edge=False)
    grid.add_column("error")
    for name in ("broken", "noticed", "rate", "by claims"):
        grid.add_column(name, justify="right")
    for kind in detections.kinds:
        share = told(kind.rate) if kind.rate else "needs a model that reads" if kind.seer else ""
        grid.add_row(kind.kind, str(kind.broken), str(kind.noticed), share, str(kind.by_claims))
    return grid


def told(rate: Rate) -> str:
    """A rate as it is written: "97.5 % (91.3 to 99.3)"."""
    low, high = (f"{100 * edge:.1f}" for edge in (rate.low, rate.high))
    return f"{100 * rate.value:.1f} % ({low} to {high})"
