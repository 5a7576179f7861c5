"""What the templates draw: each clip, media and job with its places and widths worked out."""

import math
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from curate.report.barcode import barcode
from curate.report.clock import lasting, number, size, ticks
from curate.report.lane import Lane, sound_lanes, text_lane
from curate.report.report import ClipPage, Histogram, Limit, MediaPage, Report
from curate.report.trace import Trace, traces
from curate.report.window import Window, around
from schemas.caption import Caption, Verdict
from schemas.clip import Clip, Score
from schemas.ledger import RunRecord
from schemas.uri import shown_uri


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment on a timeline."""

    left: float
    at_us: int
    kind: str


@dataclass(frozen=True, slots=True)
class Spread:
    """A histogram drawn 0 to 100 wide and high, and the parts of its axis that the policy does not allow."""

    histogram: Histogram
    bars: tuple[float, ...]
    refused: tuple[tuple[float, float], ...]  # left edge and width
    limit: Limit | None
    meaning: str | None  # None: the lake has scores of a metric that the recipe does not know

    @property
    def drawn(self) -> bool:
        """There is something to see: values that differ, or a limit beside the one value."""
        return self.limit is not None or not self.histogram.flat

    def percent(self, value: float) -> float:
        one = self.histogram
        return round(100 * min(1.0, max(0.0, (value - one.low) / (one.high - one.low))), 2)


@dataclass(frozen=True, slots=True)
class ScoreView:
    """One score of a clip beside those of the whole corpus."""

    score: Score
    limit: Limit | None
    allowed: bool
    spread: Spread | None  # None: not a number, or all clips have the same
    meaning: str | None


@dataclass(frozen=True, slots=True)
class CaptionView:
    caption: Caption
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Block:
    """One clip of a media on the media's bar."""

    clip: Clip
    left: float
    width: float
    number: int | None  # its place in the report; None: not shown in full
    state: str


@dataclass(frozen=True, slots=True)
class ClipView:
    """One clip with its timeline."""

    number: int
    page: ClipPage
    state: str
    flagged: bool
    sheet: str | None
    window: Window
    inside: tuple[float, float]
    ticks: tuple[Mark, ...]
    marks: tuple[Mark, ...]
    traces: tuple[Trace, ...]
    lanes: tuple[Lane, ...]
    scores: tuple[ScoreView, ...]
    captions: tuple[CaptionView, ...]


@dataclass(frozen=True, slots=True)
class Twin:
    """One clip of a group of near-duplicates that is shown in full."""

    number: int
    name: str  # of its media
    clip: Clip
    seen: bool  # its frames could be read
    why: str  # "kept", or the rule that dropped it


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group of near-duplicates, the one first that stands for it; `more` are not shown in full."""

    twins: tuple[Twin, ...]
    more: int


@dataclass(frozen=True, slots=True)
class MediaView:
    number: int
    page: MediaPage
    name: str
    facts: tuple[str, ...]
    barcode: str | None
    blocks: tuple[Block, ...]
    ticks: tuple[Mark, ...]
    clips: tuple[ClipView, ...]


@dataclass(frozen=True, slots=True)
class JobView:
    """All runs of one job, summed."""

    job: str
    runs: int
    rows_in: int
    rows_out: int
    failed: int
    failures: tuple[tuple[str, int], ...]
    wall_s: float
    cpu_s: float
    bytes_read: int
    bytes_written: int
    interrupted: bool
    share: float  # of the wall time of the longest job, in per cent


def data_uri(kind: str, body: bytes) -> str:
    return f"data:{kind};base64,{b64encode(body).decode('ascii')}"


def spread(histogram: Histogram, limit: Limit | None, meaning: str | None) -> Spread:
    """Scale a histogram to its highest bin."""
    highest = max(histogram.counts) or 1
    made = Spread(histogram, tuple(round(100 * count / highest, 1) for count in histogram.counts), (), limit, meaning)
    refused = []
    if limit is not None and limit.low is not None:
        refused.append((0.0, made.percent(limit.low)))
    if limit is not None and limit.high is not None:
        left = made.percent(limit.high)
        refused.append((left, round(100 - left, 2)))
    return replace(made, refused=tuple(refused))


def allowed(limit: Limit) -> str:
    """What a policy lets pass: `≥ 2, ≤ 400`."""
    bounds = (("≥", limit.low), ("≤", limit.high))
    return ", ".join(f"{sign} {number(value)}" for sign, value in bounds if value is not None)


def jobs(runs: Sequence[RunRecord]) -> tuple[JobView, ...]:
    """One line a job, in the order in which they were first run."""
    order = list(dict.fromkeys(run.job for run in sorted(runs, key=lambda run: run.start_us)))
    own = {job: sorted((run for run in runs if run.job == job), key=lambda run: run.start_us) for job in order}
    wall = {job: sum(run.end_us - run.start_us for run in own[job]) / 1e6 for job in order}
    longest = max(wall.values(), default=0.0) or 1.0
    return tuple(_job(job, own[job], wall[job], 100 * wall[job] / longest) for job in order)


def _job(job: str, runs: Sequence[RunRecord], wall_s: float, share: float) -> JobView:
    kinds: dict[str, int] = {}
    for run in runs:
        for failure in run.failures:
            kinds[failure.kind] = kinds.get(failure.kind, 0) + failure.rows
    return JobView(
        job=job,
        runs=len(runs),
        rows_in=sum(run.rows_in for run in runs),
        rows_out=sum(run.rows_out for run in runs),
        failed=sum(run.failed for run in runs),
        failures=tuple(sorted(kinds.items(), key=lambda item: -item[1])),
        wall_s=wall_s,
        cpu_s=sum(run.cpu_s for run in runs),
        bytes_read=sum(run.bytes_read for run in runs),
        bytes_written=sum(run.bytes_written for run in runs),
        interrupted=runs[-1].outcome != "done",
        share=round(share, 1),
    )


def state(page: ClipPage) -> str:
    """What the cut says of a clip: kept, dropped, or open while nothing was picked."""
    if page.pick is None:
        return "open"
    return "kept" if page.pick.kept else "dropped"


def media_views(report: Report, spreads: Mapping[str, Spread]) -> tuple[MediaView, ...]:
    """Number the clips of a report and lay out their timelines."""
    numbers: dict[str, int] = {}
    for media in report.media:
        for page in media.clips:
            numbers[page.clip.clip_id] = len(numbers) + 1
    limits = {limit.metric: limit for limit in report.limits}
    return tuple(_media(i, media, numbers, limits, spreads) for i, media in enumerate(report.media, 1))


def group_views(report: Report, media: Sequence[MediaView]) -> tuple[GroupView, ...]:
    """The groups of which at least two clips are shown in full."""
    shown = {view.page.clip.clip_id: (view, one) for one in media for view in one.clips}
    views = []
    for group in report.groups.shown:
        named = {group.keeper: group.reason or "kept"} | {copy.clip_id: copy.reason for copy in group.copies}
        twins = tuple(
            Twin(view.number, one.name, view.page.clip, view.sheet is not None, why)
            for clip_id, why in named.items()
            if clip_id in shown
            for view, one in (shown[clip_id],)
        )
        if len(twins) > 1:
            views.append(GroupView(twins, group.clips - len(twins)))
    return tuple(views)


def _media(
    place: int,
    page: MediaPage,
    numbers: Mapping[str, int],
    limits: Mapping[str, Limit],
    spreads: Mapping[str, Spread],
) -> MediaView:
    end_us = _end_us(page)
    whole = Window(0, max(1, end_us))
    states = {one.clip.clip_id: state(one) for one in page.clips}
    blocks = tuple(
        Block(
            clip,
            *whole.place(clip.start_us, clip.end_us),
            numbers.get(clip.clip_id),
            states.get(clip.clip_id, "open"),
        )
        for clip in sorted(page.spans, key=lambda clip: clip.start_us)
    )
    bar = page.strip is not None and len(page.strip.pts_us) > 1 and not page.media.still
    return MediaView(
        number=place,
        page=page,
        name=name(page),
        facts=facts(page),
        barcode=data_uri("image/png", barcode(page.strip)) if bar and page.strip is not None else None,
        blocks=blocks,
        ticks=_ticks(whole, 8),
        clips=tuple(_clip(numbers[one.clip.clip_id], one, page, limits, spreads) for one in page.clips),
    )


def _end_us(page: MediaPage) -> int:
    """Where the media ends: as decoded, as the container says, or as far as its clips reach."""
    if page.strip is not None:
        return page.strip.end_us
    reach = max((clip.end_us for clip in page.spans), default=0)
    return max(reach, page.media.duration_us or 0)


def name(page: MediaPage) -> str:
    """What a person calls a media: its title, the last part of where it came from, or the start of its id."""
    if page.source is None:
        return page.media.media_id[:12]
    uri = shown_uri(page.source.uri)
    return page.source.title or uri.rstrip("/").rsplit("/", 1)[-1] or uri


def facts(page: MediaPage) -> tuple[str, ...]:
    """What the container tells, each fact in a few words."""
    media, picture, audio = page.media, page.media.picture, page.media.audio
    found = [
        "still" if media.still else media.duration_us and lasting(media.duration_us),
        picture and f"{picture.width}×{picture.height} {picture.codec}",
        picture and picture.average_fps and f"{number(picture.average_fps)} fps",
        picture and picture.rotation_deg and f"turned {picture.rotation_deg}°",
        picture and picture.hdr and "HDR",
        audio and f"{audio.codec} {audio.sample_rate_hz / 1000:g} kHz, {audio.channels} ch",
        "no sound" if audio is None and not media.still else None,
        size(media.size_bytes),
        page.source and page.source.licence,
    ]
    return tuple(str(fact) for fact in found if fact)


def _ticks(window: Window, at_most: int) -> tuple[Mark, ...]:
    return tuple(Mark(window.percent(at), at, "tick") for at in ticks(window.start_us, window.end_us, at_most))


def _clip(
    place: int, page: ClipPage, media: MediaPage, limits: Mapping[str, Limit], spreads: Mapping[str, Spread]
) -> ClipView:
    clip = page.clip
    window = around(clip, _end_us(media))
    texts = text_lane(page.texts, window)
    timed = not clip.still
    return ClipView(
        number=place,
        page=page,
        state=state(page),
        flagged=any(verdict.status == "flagged" for verdict in page.verdicts),
        sheet=None if page.sheet is None else data_uri("image/jpeg", page.sheet.jpeg),
        window=window,
        inside=window.place(clip.start_us, clip.end_us),
        ticks=_ticks(window, 10),
        marks=marks(media.spans, window),
        traces=traces(media.strip, window) if timed and media.strip is not None else (),
        lanes=(*sound_lanes(page.sounds, window), *((texts,) if texts else ())) if timed else (),
        scores=tuple(_score(score, limits, spreads) for score in sorted(page.scores, key=lambda score: score.metric)),
        captions=tuple(_captions(page)),
    )


def marks(spans: Sequence[Clip], window: Window) -> tuple[Mark, ...]:
    """Where clips begin and end inside a window, and by which transition; the ends of the media are left out."""
    ends = {(clip.start_us, clip.start_kind) for clip in spans} | {(clip.end_us, clip.end_kind) for clip in spans}
    return tuple(
        Mark(window.percent(at), at, kind)
        for at, kind in sorted(ends)
        if kind != "edge" and window.start_us < at < window.end_us
    )


def _score(score: Score, limits: Mapping[str, Limit], spreads: Mapping[str, Spread]) -> ScoreView:
    limit = limits.get(score.metric)
    known = spreads.get(score.metric)
    drawn = known if known is not None and math.isfinite(score.value) and known.drawn else None
    allowed = limit is None or limit.allows(score.value)
    return ScoreView(score, limit, allowed, drawn, None if known is None else known.meaning)


def _captions(page: ClipPage) -> list[CaptionView]:
    verdicts = {verdict.caption_id: verdict for verdict in page.verdicts}
    return [CaptionView(caption, verdicts.get(caption.caption_id)) for caption in page.captions]
