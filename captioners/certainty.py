"""What the evidence is enough to say, and enough to deny: the captioner is silent on the rest, and nobody asks."""

from captioners import degrees, readings
from captioners.evidence import Evidence
from schemas.clip import Sound, Text

LEGIBLE, LEGIBLE_GLYPH = 0.85, 0.95
"""Scores (0..1) from which a line of text, or a glyph, is told: leaves and road marks are read with up to 0.83."""
GLYPH_US = 900_000
"""A single glyph that is gone sooner was seen in one sampled frame, and may be a cloud."""

LOOKED_US = 1_500_000
"""A shorter clip is read in one or two frames: too few to say that nothing is written there."""

LIT = 40.0
"""Mean luma, 0..255, from which a picture is light enough for the black around it to be bars."""
LOPSIDED = 0.02
"""Of the width or height by which bars on opposite sides may differ: darkness on one side is no bar."""

ONE_WAY, GOES = 0.95, 0.2
"""How far what moves must agree on its way (0..1), and what share of the changes must go somewhere at all."""

UNNAMED_US = 500_000
"""So much sound without a name may be anything: music, a bell, a bird."""
SPOKEN = 0.5
"""Share of the clip from which speech may hide what sounds under it."""


def legible(row: Text) -> bool:
    """Whether a row of text is told. One without a score is taken at its word."""
    if row.score is None:
        return True
    if len(row.text.strip()) > 1:
        return row.score >= LEGIBLE
    return row.score >= LEGIBLE_GLYPH and row.end_us - row.start_us >= GLYPH_US


def all_read(evidence: Evidence) -> bool:
    """Whether what is legible is all that is written: nothing was half read, and the clip was looked at long enough."""
    clip = evidence.clip
    looked = clip.still or clip.end_us - clip.start_us >= LOOKED_US
    return looked and evidence.texts is not None and all(map(legible, evidence.texts))


def bars(evidence: Evidence) -> float | None:
    """Share of the frame that black bars take; None if not known: in a dark picture nobody sees their ends."""
    share, luma = readings.value(evidence, "border_share"), readings.value(evidence, "brightness")
    if not share:
        return share
    dark = luma is not None and share < 1 and luma / (1 - share) < LIT
    return None if dark or _lopsided(evidence) else share


def _lopsided(evidence: Evidence) -> bool:
    clip, picture = evidence.clip, evidence.media.picture
    if picture is None:
        return False
    across = abs(2 * clip.crop_x + clip.crop_width - picture.width)
    down = abs(2 * clip.crop_y + clip.crop_height - picture.height)
    return across > LOPSIDED * picture.width or down > LOPSIDED * picture.height


def drift(evidence: Evidence) -> degrees.Way | None:
    """Which way what moves in the picture goes; None where it goes several ways, or hardly moves."""
    found, motion = readings.drift(evidence), readings.value(evidence, "local_motion")
    if found is None or found.agreement < ONE_WAY or found.share < GOES:
        return None
    if motion is not None and motion < degrees.MOVING_PX_S:
        return None
    return degrees.way(found.dx_px_s, found.dy_px_s)


def all_named(evidence: Evidence) -> bool:
    """Whether the listeners had a name for what sounds, and nobody talked over it: only then is the rest not there."""
    rows = evidence.sounds or ()
    unnamed_us = sum(_length_us(row) for row in rows if row.kind == "event" and row.label == "sound")
    spoken_us = sum(_length_us(row) for row in rows if row.kind == "speech")
    return unnamed_us <= UNNAMED_US and spoken_us < SPOKEN * max(evidence.clip.end_us - evidence.clip.start_us, 1)


def _length_us(row: Sound) -> int:
    return row.end_us - row.start_us
