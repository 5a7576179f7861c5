"""From boundaries to shots, and from shots to spans of bounded length."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from curate.split.boundary import Boundary
from schemas.clip import Transition


@dataclass(frozen=True, slots=True)
class Span:
    """Frames `[start, end)` of one shot."""

    start: int
    end: int
    start_kind: Transition
    end_kind: Transition
    shot: int


def shots(count: int, boundaries: list[Boundary]) -> list[Span]:
    """The shots between `boundaries` (sorted, apart) of `count` frames; nothing but boundary is one shot of all."""
    spans: list[Span] = []
    start = 0
    kind: Transition = "edge"
    for boundary in boundaries:
        if boundary.start > start:
            spans.append(Span(start, boundary.start, kind, boundary.before, len(spans)))
        start, kind = boundary.end, boundary.after
    if start < count:
        spans.append(Span(start, count, kind, "edge", len(spans)))
    return spans or [Span(0, count, "edge", "edge", 0)]


def long_enough(spans: list[Span], edges_us: NDArray[np.int64], min_us: int) -> list[Span]:
    """Shots of `min_us` or more; where there is none, the longest.

    A shot that is left out leaves a gap in the numbers of the shots.
    """
    lengths = [int(edges_us[span.end] - edges_us[span.start]) for span in spans]
    kept = [span for span, length in zip(spans, lengths, strict=True) if length >= min_us]
    return kept or [spans[lengths.index(max(lengths))]]


def divided(span: Span, edges_us: NDArray[np.int64], max_us: int) -> list[Span]:
    """A shot in the least number of pieces of equal length, each at most `max_us` unless one frame lasts longer."""
    start_us, end_us = int(edges_us[span.start]), int(edges_us[span.end])
    pieces = -(-(end_us - start_us) // max_us)
    if pieces <= 1:
        return [span]
    targets = [start_us + (end_us - start_us) * k // pieces for k in range(1, pieces)]
    inner = edges_us[span.start + 1 : span.end]
    cuts = np.unique(span.start + 1 + np.searchsorted(inner, targets))
    stops = [span.start, *(int(c) for c in cuts if c < span.end), span.end]
    last = len(stops) - 2
    return [
        replace(
            span,
            start=stops[k],
            end=stops[k + 1],
            start_kind=span.start_kind if k == 0 else "length",
            end_kind=span.end_kind if k == last else "length",
        )
        for k in range(last + 1)
    ]
