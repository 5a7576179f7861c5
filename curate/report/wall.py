"""The clips of a report at a glance: one frame of each, cut out of its contact sheet by the page."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from curate.report.sheet import GAP, ContactSheet
from curate.report.view import ClipView, MediaView
from schemas.clip import Clip


@dataclass(frozen=True, slots=True)
class Peek:
    """One clip of the wall: where its frames lie in its contact sheet, which is in the page once."""

    number: int
    name: str  # of its media
    clip: Clip
    state: str
    why: str  # "kept", the rule that dropped it, or nothing where nothing was picked
    across: int
    down: int
    frames: int
    zoom: float  # width of the sheet, in per cent of a frame's
    aspect: float  # of a frame, width over height


def wall(media: Sequence[MediaView], most: int) -> tuple[Peek, ...]:
    """Up to `most` of the clips whose frames could be read, at equal steps through the report."""
    seen = [(view, one.name, view.page.sheet) for one in media for view in one.clips if view.page.sheet is not None]
    count = min(most, len(seen))
    return tuple(_peek(*seen[i * len(seen) // count]) for i in range(count))


def _peek(view: ClipView, named: str, sheet: ContactSheet) -> Peek:
    pick, across = view.page.pick, sheet.across
    return Peek(
        number=view.number,
        name=named,
        clip=view.page.clip,
        state=view.state,
        why="" if pick is None else "kept" if pick.kept else pick.reason or "dropped",
        across=across,
        down=math.ceil(sheet.frames / across),
        frames=sheet.frames,
        zoom=round(100 * (across * (sheet.width + GAP) - GAP) / sheet.width, 3),
        aspect=round(sheet.width / sheet.height, 4),
    )
