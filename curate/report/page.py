"""A report as one HTML file that opens from disk: no request leaves it."""

from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from curate.report.clock import clock, date, lasting, number, size
from curate.report.report import Report
from curate.report.view import allowed, group_views, jobs, media_views, spread
from curate.report.wall import wall
from schemas.uri import shown_uri

ROOM = Path(__file__).parent
WALL = 48  # clips


def render_report(report: Report) -> str:
    """The whole page. Everything that comes from the lake is escaped, and only the page's own script may run."""
    environment = Environment(
        loader=FileSystemLoader(ROOM),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        clock=clock, date=date, lasting=lasting, number=number, size=size, allowed=allowed, shown_uri=shown_uri
    )
    limits = {limit.metric: limit for limit in report.limits}
    spreads = {
        one.metric: spread(one, limits.get(one.metric), report.meanings.get(one.metric))
        for one in report.overview.histograms
    }
    media = media_views(report, spreads)
    script, style = ((ROOM / name).read_text("utf-8") for name in ("page.js", "page.css"))
    return environment.get_template("page.html").render(
        report=report,
        jobs=jobs(report.runs),
        spreads=tuple(spreads.values()),
        media=media,
        wall=wall(media, WALL),
        groups=group_views(report, media),
        # Own files of this room: they are the only text that is not escaped.
        script=Markup(script),  # noqa: S704
        style=Markup(style),  # noqa: S704
        script_hash=b64encode(sha256(script.encode()).digest()).decode("ascii"),
    )
