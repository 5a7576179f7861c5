"""How good the check is: captions of the lake are broken on purpose, and the check is asked again."""

from rich.table import Table

from captioners.check.mutate.detection import Detections, detection_rates
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
    """A row for each kind of error."""
    rate = detections.false_alarm_rate
    alarms = "none tested" if rate is None else f"{rate:.1%} of {detections.captions} unbroken captions"
    grid = Table(title=f"false alarms: {alarms}", box=None, header_style="bold", title_justify="left", pad_edge=False)
    grid.add_column("error")
    for name in ("broken", "noticed", "rate", "by claims"):
        grid.add_column(name, justify="right")
    for kind in detections.kinds:
        share = f"{kind.noticed / kind.broken:.0%}" if kind.broken else ""
        grid.add_row(kind.kind, str(kind.broken), str(kind.noticed), share, str(kind.by_claims))
    return grid
