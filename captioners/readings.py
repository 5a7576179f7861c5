"""What the scores of a clip say, typed: the one place that knows how `score` names and shapes its metrics."""

import json
from dataclasses import dataclass
from typing import get_args

from captioners.evidence import Evidence
from captioners.record import Move
from schemas.clip import Score

MOVES: frozenset[str] = frozenset(get_args(Move))


@dataclass(frozen=True, slots=True)
class Tone:
    """One colour of the measured palette."""

    name: str
    share: float
    rgb: tuple[int, int, int]


def score(evidence: Evidence, metric: str) -> Score | None:
    """One measurement; None where it was not made."""
    return next((row for row in evidence.scores if row.metric == metric), None)


def value(evidence: Evidence, metric: str) -> float | None:
    """The number of one measurement."""
    row = score(evidence, metric)
    return None if row is None else row.value


def row_id(metric: str) -> str:
    """How a claim names a score as its evidence."""
    return f"scores:{metric}"


def camera_kind(evidence: Evidence) -> str | None:
    """A `Move`, or "static"; None where the camera was not measured or its kind has no word in the record."""
    row = score(evidence, "camera")
    if row is None or row.detail is None or evidence.clip.still:
        return None
    kind = str(json.loads(row.detail)["kind"])
    return kind if kind == "static" or kind in MOVES else None


@dataclass(frozen=True, slots=True)
class Drift:
    """Where what moves in the picture goes: px/s, right and down positive; `agreement` and `share` are 0..1."""

    dx_px_s: float
    dy_px_s: float
    agreement: float
    share: float


def drift(evidence: Evidence) -> Drift | None:
    """The way of what moves; None where it was not measured."""
    row = score(evidence, "drift")
    if row is None or row.detail is None or evidence.clip.still:
        return None
    detail = json.loads(row.detail)
    return Drift(*(float(detail[name]) for name in ("dx_px_s", "dy_px_s", "agreement", "share")))


def palette(evidence: Evidence) -> tuple[Tone, ...]:
    """The measured colours, the widest first; one name once, with the share of all that bear it."""
    row = score(evidence, "palette")
    if row is None or row.detail is None:
        return ()
    tones: dict[str, Tone] = {}
    for item in json.loads(row.detail):
        rgb = (int(item["rgb"][0]), int(item["rgb"][1]), int(item["rgb"][2]))
        known = tones.get(item["name"])
        share = float(item["share"]) + (known.share if known else 0.0)
        tones[item["name"]] = Tone(item["name"], min(share, 1.0), known.rgb if known else rgb)
    return tuple(sorted(tones.values(), key=lambda tone: -tone.share))


def has_sound(evidence: Evidence) -> bool:
    """Whether the media has a sound track that is not silent all through the clip."""
    if evidence.media.audio is None:
        return False
    silent = value(evidence, "silence_share")
    return silent is None or silent < 0.999
