"""Rows for the queue."""

from captioners.check import Check
from captioners.evidence import CaptionedEvidence
from curate.stage import Run
from schemas.caption import Verdict
from schemas.clip import Clip
from schemas.proxy import Proxy
from tests.captioners.evidences import captioned, random_evidence


def proxy(clip: Clip) -> Proxy:
    """What a proxy of this clip would say of itself."""
    length_us = clip.end_us - clip.start_us
    return Proxy(
        clip.clip_id, clip.start_us, clip.end_us, 640, 360, length_us * 25 // 1_000_000, 25, 1, sound=True,
        still=False, peaks_hz=100, peaks=b"", thumbs_jpeg=b"", thumbs=0, sha256="0" * 64,
    )  # fmt: skip


def checked(seed: int) -> tuple[CaptionedEvidence, Verdict]:
    """A caption made of random evidence, and its verdict."""
    row = captioned(random_evidence(seed))
    run: Run[CaptionedEvidence, Verdict] = Check().open()
    (outcome,) = run([row])
    return row, outcome.rows[0]
