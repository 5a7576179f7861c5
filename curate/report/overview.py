"""Totals of a corpus from its rows."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from curate.report.report import Histogram, Limit, Overview, Share
from schemas.caption import Axis, Verdict
from schemas.clip import Clip, Score
from schemas.latent import Pick
from schemas.media import Media

BINS = 32
TAIL = 0.005  # share of the values at each end that may lie beyond the axis


def overview(  # one argument a table
    media: Sequence[Media],
    clips: Sequence[Clip],
    scores: Iterable[Score],
    picks: Iterable[Pick],
    verdicts: Sequence[Verdict],
    limits: Sequence[Limit],
) -> Overview:
    """Sum up a corpus; media that two sources share count once."""
    unique = {one.media_id: one for one in media}
    durations = {clip.clip_id: clip.end_us - clip.start_us for clip in clips if not clip.still}
    return Overview(
        media=len(unique),
        stills=sum(one.still for one in unique.values()),
        media_us=sum(one.duration_us or 0 for one in unique.values() if not one.still),
        clips=len(clips),
        clips_us=sum(durations.values()),
        outcomes=outcomes(picks, durations),
        verdicts=_shares(((verdict.status, verdict.clip_id) for verdict in verdicts), durations),
        axes=sum_axes(axis for verdict in verdicts for axis in verdict.axes),
        histograms=histograms(scores, limits),
    )


def outcomes(picks: Iterable[Pick], durations: dict[str, int]) -> tuple[Share, ...]:
    """Kept clips, then those that each reason dropped, by the first rule that dropped them."""
    named = (("kept" if pick.kept else pick.reason or "no reason recorded", pick.clip_id) for pick in picks)
    return tuple(sorted(_shares(named, durations), key=lambda share: share.name != "kept"))


def _shares(named: Iterable[tuple[str, str]], durations: dict[str, int]) -> tuple[Share, ...]:
    clips: Counter[str] = Counter()
    spent: Counter[str] = Counter()
    for name, clip_id in named:
        clips[name] += 1
        spent[name] += durations.get(clip_id, 0)
    return tuple(Share(name, count, spent[name]) for name, count in clips.most_common())


def sum_axes(axes: Iterable[Axis]) -> tuple[Axis, ...]:
    """One row an axis over all captions, most asked first."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for one in axes:
        for i, count in enumerate((one.asked, one.answered, one.right, one.contradicted)):
            sums[one.axis][i] += count
    return tuple(Axis(name, *counts) for name, counts in sorted(sums.items(), key=lambda item: -item[1][0]))


def histograms(scores: Iterable[Score], limits: Sequence[Limit]) -> tuple[Histogram, ...]:
    """One histogram a metric, in the order of their names; the policy's limits are always on the axis."""
    values: dict[str, list[float]] = defaultdict(list)
    for score in scores:
        values[score.metric].append(score.value)
    bounds: dict[str, list[float]] = defaultdict(list)
    for limit in limits:
        bounds[limit.metric] += [bound for bound in (limit.low, limit.high) if bound is not None]
    made = (histogram(name, np.array(values[name]), bounds[name]) for name in sorted(values))
    return tuple(one for one in made if one is not None)


def histogram(metric: str, values: NDArray[np.float64], bounds: Sequence[float]) -> Histogram | None:
    """Count `values` [N] in equal bins; not finite values are left out, and None means that none is left."""
    values = values[np.isfinite(values)]
    if not values.size:
        return None
    ends = np.concatenate((np.quantile(values, (TAIL, 1 - TAIL)), bounds))
    low, high = float(ends.min()), float(ends.max())
    if high - low < 1e-9 * max(abs(low), abs(high), 1e-9):
        half = max(abs(low) * 0.05, 0.5)
        low, high = low - half, high + half
    counts, _ = np.histogram(np.clip(values, low, high), BINS, (low, high))
    return Histogram(metric, low, high, tuple(map(int, counts)), float(np.median(values)), values.size)
